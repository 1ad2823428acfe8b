// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {PeriodTree} from "../src/PeriodTree.sol";
import {vm} from "./Vm.sol";

/// The tree as the text of RFC 9162 section 2.1 has it: a frontier that is whole after each leaf, in memory or storage.
contract PlainTree {
    bytes32[] public peaks; // left to right
    uint256 public size;

    function _join(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(uint8(1), left, right));
    }

    function load(uint256 size_, bytes32[] calldata peaks_) external {
        size = size_;
        peaks = peaks_;
    }

    function append(bytes32 leaf) external {
        for (uint256 rest = size++; rest & 1 == 1; rest >>= 1) {
            leaf = _join(peaks[peaks.length - 1], leaf);
            peaks.pop();
        }
        peaks.push(leaf);
    }

    function all() external view returns (bytes32[] memory) {
        return peaks;
    }

    function root() external view returns (bytes32 hash) {
        if (peaks.length == 0) return sha256("");
        hash = peaks[peaks.length - 1];
        for (uint256 i = peaks.length - 1; i > 0; --i) hash = _join(peaks[i - 1], hash);
    }
}

/// The library with a storage of its own.
contract Grown {
    using PeriodTree for PeriodTree.Tree;

    PeriodTree.Tree private tree;
    uint256 public size;

    function prepare() external {
        tree.prepare();
    }

    /// Begins with a frontier, as it is when all pairs are joined: after 31 of 32 leaves.
    function load(uint256 size_, bytes32[] calldata peaks) external {
        size = size_;
        uint256 start = 0;
        uint256 i = 0;
        for (uint256 height = 64; height > 0; --height) {
            if (size_ >> (height - 1) & 1 == 0) continue;
            tree.nodes[PeriodTree.slot(start)] = peaks[i++];
            start += 1 << (height - 1);
        }
    }

    function append(bytes32 leaf) external {
        tree.append(size++, leaf);
    }

    function holds(uint256 index, bytes32 leaf, bytes32[] calldata path) external view returns (bool) {
        return tree.holds(size, index, leaf, path);
    }

    function frontier() external view returns (bytes32[] memory, bytes32) {
        return tree.frontier(size);
    }

    function isMade(uint256 word) external view returns (bool) {
        return tree.nodes[word] != 0;
    }
}

contract PeriodTreeTest {
    Grown private grown;
    PlainTree private plain;
    bytes32[] private leaves;

    function setUp() public {
        grown = new Grown();
        grown.prepare();
        plain = new PlainTree();
    }

    function _leaf(uint256 index) private pure returns (bytes32) {
        return sha256(abi.encode("leaf", index));
    }

    function _append() private {
        bytes32 leaf = _leaf(grown.size());
        grown.append(leaf);
        plain.append(leaf);
        leaves.push(leaf);
    }

    function _compare() private view {
        (bytes32[] memory peaks, bytes32 root) = grown.frontier();
        require(keccak256(abi.encode(peaks)) == keccak256(abi.encode(plain.all())), "frontier");
        require(root == plain.root(), "root");
    }

    function _root(uint256 first, uint256 size) private view returns (bytes32) {
        if (size == 1) return leaves[first];
        uint256 k = 1;
        while (k * 2 < size) k *= 2;
        return sha256(abi.encodePacked(uint8(1), _root(first, k), _root(first + k, size - k)));
    }

    /// Called from outside, so that its memory is given back.
    function path(uint256 index, uint256 size) external view returns (bytes32[] memory) {
        return _path(index, 0, size);
    }

    /// RFC 9162 section 2.1.3.1.
    function _path(uint256 index, uint256 first, uint256 size) private view returns (bytes32[] memory nodes) {
        if (size == 1) return new bytes32[](0);
        uint256 k = 1;
        while (k * 2 < size) k *= 2;
        bool left = index < k;
        bytes32[] memory below = left ? _path(index, first, k) : _path(index - k, first + k, size - k);
        nodes = new bytes32[](below.length + 1);
        for (uint256 i = 0; i < below.length; ++i) nodes[i] = below[i];
        nodes[below.length] = left ? _root(first + k, size - k) : _root(first, k);
    }

    function testEmpty() public view {
        _compare();
        require(!grown.holds(0, 0, new bytes32[](0)), "a leaf of nothing");
    }

    function testGrowsAsThePlainTree() public {
        for (uint256 i = 0; i < 1100; ++i) {
            _append();
            _compare();
        }
    }

    function checkPath(uint256 index, uint256 size) external view {
        bytes32[] memory nodes = _path(index, 0, size);
        require(grown.holds(index, _leaf(index), nodes), "a true path");
        require(!grown.holds(index, _leaf(index + 1), nodes), "another leaf");
        if (nodes.length > 0 && index ^ 1 < size) require(!grown.holds(index ^ 1, _leaf(index), nodes), "its sibling");
    }

    /// Every leaf of every tree that is small, and of some larger ones.
    function testEveryPath() public {
        for (uint256 size = 1; size <= 132; ++size) {
            _append();
            if (size > 36 && size % 32 > 5 && size % 32 < 29) continue;
            for (uint256 index = 0; index < size; ++index) this.checkPath(index, size);
        }
    }

    function testFuzzPaths(uint16 sizeSeed, uint16 indexSeed, uint8 nodeSeed) public {
        uint256 size = uint256(sizeSeed) % 300 + 1;
        uint256 index = indexSeed % size;
        for (uint256 i = 0; i < size; ++i) _append();
        _compare();
        bytes32[] memory nodes = this.path(index, size);
        require(grown.holds(index, _leaf(index), nodes), "a true path");
        require(!grown.holds(size, _leaf(index), nodes), "past the end");
        if (index ^ 1 >= size) return;
        // What leads beyond the complete subtree that is kept is not needed; its sibling always is.
        nodes[nodeSeed % nodes.length] ^= bytes32(uint256(1));
        require(nodeSeed % nodes.length > 0 || !grown.holds(index, _leaf(index), nodes), "another sibling");
        require(!grown.holds(index, _leaf(index), new bytes32[](0)), "no path");
    }

    /// A path serves on while other leaves come, until its own subtree grows.
    function testPathsLast() public {
        for (uint256 i = 0; i < 64; ++i) _append();
        bytes32[] memory nodes = this.path(5, 64);
        for (uint256 i = 64; i < 127; ++i) {
            _append();
            require(grown.holds(5, _leaf(5), nodes), "too early");
        }
        // Leaf 127 makes it one of 128, of which the last pair is joined a little later.
        for (uint256 i = 127; i < 135; ++i) _append();
        require(!grown.holds(5, _leaf(5), nodes), "a path of a subtree that has grown");
        require(grown.holds(5, _leaf(5), this.path(5, 135)), "its new path");
    }

    function testAllAroundLargeSizes() public {
        uint256[4] memory sizes = [uint256(1 << 20), 1 << 27, 3 << 25, (1 << 32) - (1 << 9)];
        for (uint256 k = 0; k < sizes.length; ++k) {
            setUp();
            uint256 size = sizes[k] - 1;
            uint256 count = 0;
            for (uint256 rest = size; rest != 0; rest &= rest - 1) ++count;
            bytes32[] memory peaks = new bytes32[](count);
            for (uint256 i = 0; i < count; ++i) peaks[i] = sha256(abi.encode("peak", i));
            grown.load(size, peaks);
            plain.load(size, peaks);
            _compare();
            for (uint256 i = 0; i < 200; ++i) {
                _append();
                _compare();
            }
        }
    }

    /// No leaf needs a word that prepare () has not made.
    function testWordsAreThere() public {
        uint256 made = 0;
        for (uint256 i = 0; i < 64; ++i) if (grown.isMade(i)) ++made;
        for (uint256 i = 0; i < 300; ++i) _append();
        uint256 still = 0;
        for (uint256 i = 0; i < 64; ++i) if (grown.isMade(i)) ++still;
        require(made == 29 && still == 29, "words");
    }

    function testPreparesOnce() public {
        for (uint256 i = 0; i < 77; ++i) _append();
        grown.prepare();
        _compare();
    }
}
