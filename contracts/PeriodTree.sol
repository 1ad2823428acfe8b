// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title A growing tree of RFC 6962 that costs little for every leaf
/// @notice The tree of periods of docs/PROTOCOL.md section 14. Kept are the roots of complete subtrees that cover all
/// leaves from left to right, in words that are written over again and again.
/// @dev What joins a leaf to the tree are as many nodes as its number ends in ones: one on average, but twenty for leaf
/// number 2^20 - 1. So the leaf's own transaction joins at most EAGER of them. Of every GROUP leaves the last one leaves
/// subtrees of equal size behind, beginning with two of height EAGER; of the leaves after it each one with an even
/// number, which has nothing to join itself, joins one pair, and the last of these whatever is left: one pair at most
/// before leaf number 2^20, and seldom more behind it. So which nodes there are follows from the number of leaves alone.
///
/// The node whose first leaf has the number n stands in word slot (n): as the pair that is joined is in neighbouring
/// subtrees, what comes out of it belongs in the word of the left one, which has just been read. No two nodes that there
/// are at the same time have the same word.
library PeriodTree {
    uint256 private constant WORDS = 64;
    /// Words that are made beforehand: none is new before leaf number 2^28.
    uint256 private constant WORDS_AT_FIRST = 28;
    uint256 private constant EAGER = 4;
    uint256 private constant GROUP = 32; // 2^(EAGER + 1)
    uint256 private constant FIRST = WORDS - 1; // the word of the node that begins with leaf 0

    uint256 private constant DE_BRUIJN = 0x077cb531;
    bytes32 private constant PLACES = 0x00011c021d0e18031e16140f191104081f1b0d17151310071a0c12060b050a09;

    struct Tree {
        bytes32[WORDS] nodes;
    }

    /// @notice Makes the words, so that no leaf has to pay for a new one.
    function prepare(Tree storage tree) internal {
        if (tree.nodes[FIRST] != 0) return;
        for (uint256 i = 0; i < WORDS_AT_FIRST; ++i) tree.nodes[i] = bytes32(uint256(1));
        tree.nodes[FIRST] = bytes32(uint256(1));
    }

    /// @notice Appends leaf number `size`.
    function append(Tree storage tree, uint256 size, bytes32 leaf) internal {
        unchecked {
            if (size & 1 == 1) {
                uint256 ones = trailingZeros(~size | 1 << EAGER);
                _join(tree, 0, ones, slot(_clear(size, ones)), leaf);
                return;
            }
            _write(tree, slot(size), leaf);
            uint256 count = size & (GROUP - 1);
            uint256 end = size - count;
            uint256 height = EAGER + count / 2;
            if (end == 0) return;
            // Nothing is left to be joined where the lowest bit of `end` is not above `height`.
            if (end & ((2 << height) - 1) != 0) return;
            uint256 last = count == GROUP - 2 ? trailingZeros(end) : height + 1;
            _join(tree, height, last, slot(end - (1 << last)), _read(tree, height));
        }
    }

    /// @notice Whether `leaf` is leaf number `index` of the tree of `size` leaves. `path` is its inclusion path
    /// (RFC 9162 section 2.1.3). What of it leads beyond the node that is kept is not looked at: so a path serves on
    /// while the tree grows, until its subtree does.
    function holds(
        Tree storage tree,
        uint256 size,
        uint256 index,
        bytes32 leaf,
        bytes32[] calldata path
    ) internal view returns (bool) {
        if (index >= size) return false;
        (uint256 start, uint256 height) = _nodeOf(size, index);
        if (path.length < height) return false;
        for (uint256 i = 0; i < height; ++i) {
            leaf = index >> i & 1 == 1 ? _join(path[i], leaf) : _join(leaf, path[i]);
        }
        return leaf == _read(tree, slot(start));
    }

    /// @notice The roots of the maximal complete subtrees, left to right, and the root of the whole.
    function frontier(Tree storage tree, uint256 size)
        internal
        view
        returns (bytes32[] memory peaks, bytes32 root)
    {
        uint256 count = 0;
        for (uint256 rest = size; rest != 0; rest &= rest - 1) ++count;
        peaks = new bytes32[](count);
        uint256 end = size;
        for (uint256 i = count; i > 0; --i) {
            peaks[i - 1] = _peakBefore(tree, size, end);
            root = i == count ? peaks[i - 1] : _join(peaks[i - 1], root);
            end &= end - 1;
        }
        if (count == 0) root = sha256("");
    }

    /// @dev Which word the node has that begins with leaf number `start`.
    function slot(uint256 start) internal pure returns (uint256) {
        return trailingZeros(start | 1 << FIRST);
    }

    /// @dev Of a number that is not zero.
    function trailingZeros(uint256 value) internal pure returns (uint256 count) {
        unchecked {
            for (; value & 0xffffffff == 0; value >>= 32) count += 32;
            // The five bits of DE_BRUIJN that the lowest bit moves to the top of 32 are different ones for each bit.
            value = ((value & (~value + 1)) * DE_BRUIJN & 0xffffffff) >> 27;
            assembly ("memory-safe") {
                count := add(count, byte(value, PLACES))
            }
        }
    }

    /// Joins `node`, of `height`, with the nodes before it, up to `last`; the last of these stands in `word`, and so
    /// will what comes out, the others each in that of their height and one.
    function _join(Tree storage tree, uint256 height, uint256 last, uint256 word, bytes32 node) private {
        assembly ("memory-safe") {
            // sha256 (0x01 || left || node) in the scratch space and a byte behind it, which is given back.
            let kept := mload(0x40)
            mstore8(0, 1)
            mstore(33, node)
            for { height := add(height, 1) } lt(height, last) { height := add(height, 1) } {
                mstore(1, sload(add(tree.slot, height)))
                if iszero(staticcall(gas(), 2, 0, 65, 33, 32)) { revert(0, 0) }
            }
            mstore(1, sload(add(tree.slot, word)))
            if iszero(staticcall(gas(), 2, 0, 65, 33, 32)) { revert(0, 0) }
            sstore(add(tree.slot, word), mload(33))
            mstore(0x40, kept)
        }
    }

    /// The height of the highest node that ends where the last whole group does.
    function _lateHeight(uint256 size, uint256 last) private pure returns (uint256) {
        uint256 height = EAGER + (size % GROUP + 1) / 2;
        return size % GROUP == GROUP - 1 || height > last ? last : height;
    }

    /// The node that is kept and has leaf number `index` below it.
    function _nodeOf(uint256 size, uint256 index) private pure returns (uint256 start, uint256 height) {
        height = 63;
        while (true) {
            while (size - start < 1 << height) --height;
            if (index < start + (1 << height)) break;
            start += 1 << height;
        }
        if (start + (1 << height) != _clear(size, EAGER + 1)) return (start, height);
        // It ends with the last whole group, and may still be in pieces.
        uint256 least = _lateHeight(size, height);
        while (height > least) {
            --height;
            if (index < start + (1 << height)) break;
            start += 1 << height;
        }
    }

    /// The maximal complete subtree that ends before leaf number `end`.
    function _peakBefore(Tree storage tree, uint256 size, uint256 end) private view returns (bytes32 peak) {
        uint256 last = trailingZeros(end);
        uint256 height = end == _clear(size, EAGER + 1) ? _lateHeight(size, last) : last;
        peak = _read(tree, slot(end - (1 << height)));
        for (; height < last; ++height) peak = _join(_read(tree, slot(end - (2 << height))), peak);
    }

    function _clear(uint256 value, uint256 bits) private pure returns (uint256) {
        return value >> bits << bits;
    }

    function _read(Tree storage tree, uint256 word) private view returns (bytes32 node) {
        assembly ("memory-safe") {
            node := sload(add(tree.slot, word))
        }
    }

    function _write(Tree storage tree, uint256 word, bytes32 node) private {
        assembly ("memory-safe") {
            sstore(add(tree.slot, word), node)
        }
    }

    function _join(bytes32 left, bytes32 right) private view returns (bytes32 node) {
        // sha256 (0x01 || left || right) in the scratch space and the word behind it, which is given back.
        assembly ("memory-safe") {
            let kept := mload(0x40)
            mstore8(0, 1)
            mstore(1, left)
            mstore(33, right)
            if iszero(staticcall(gas(), 2, 0, 65, 0, 32)) { revert(0, 0) }
            node := mload(0)
            mstore(0x40, kept)
        }
    }
}
