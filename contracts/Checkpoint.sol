// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// What is said of one batch of one area: docs/PROTOCOL.md section 6. Times are milliseconds since 1970, UTC.
struct Checkpoint {
    bytes32 area;
    uint64 batch;
    uint64 size;
    uint64 from;
    uint64 to;
    bytes32 root;
    bytes cid;
}

/// @title A checkpoint as a line of a period file
/// @notice docs/PROTOCOL.md section 14. Each checkpoint has one line, so whoever has the numbers has the leaf.
library CheckpointLine {
    bytes16 private constant HEX = "0123456789abcdef";
    bytes32 private constant BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

    /// @notice The hash of the line as a leaf of its period's tree (RFC 9162 section 2.1.1).
    function leaf(Checkpoint calldata checkpoint) internal pure returns (bytes32) {
        return sha256(bytes.concat(_before(checkpoint), _after(checkpoint)));
    }

    function _before(Checkpoint calldata checkpoint) private pure returns (bytes memory) {
        return abi.encodePacked(
            hex"00",
            '{"area":"',
            _area(checkpoint.area),
            '","batch":',
            _decimal(checkpoint.batch),
            ',"cid":"b',
            _base32(checkpoint.cid),
            '","from":',
            _decimal(checkpoint.from)
        );
    }

    function _after(Checkpoint calldata checkpoint) private pure returns (bytes memory) {
        return abi.encodePacked(
            ',"root":"',
            _hex(checkpoint.root),
            '","size":',
            _decimal(checkpoint.size),
            ',"to":',
            _decimal(checkpoint.to),
            "}"
        );
    }

    function _area(bytes32 area) private pure returns (bytes memory text) {
        uint256 length = 0;
        while (length < 32 && area[length] != 0) ++length;
        text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) text[i] = area[i];
    }

    function _decimal(uint256 value) private pure returns (bytes memory text) {
        uint256 length = 1;
        for (uint256 rest = value / 10; rest != 0; rest /= 10) ++length;
        text = new bytes(length);
        for (uint256 i = length; i > 0; value /= 10) text[--i] = bytes1(uint8(48 + value % 10));
    }

    function _hex(bytes32 data) private pure returns (bytes memory text) {
        text = new bytes(64);
        for (uint256 i = 0; i < 32; ++i) {
            text[2 * i] = HEX[uint8(data[i]) >> 4];
            text[2 * i + 1] = HEX[uint8(data[i]) & 15];
        }
    }

    /// Lower-case, without padding (RFC 4648 section 6).
    function _base32(bytes calldata data) private pure returns (bytes memory text) {
        text = new bytes((data.length * 8 + 4) / 5);
        uint256 bits = 0; // those that wait, the lowest `count` of it
        uint256 count = 0;
        uint256 length = 0;
        for (uint256 i = 0; i < data.length; ++i) {
            bits = (bits << 8 | uint8(data[i])) & 0xfff;
            for (count += 8; count >= 5; count -= 5) text[length++] = BASE32[bits >> (count - 5) & 31];
        }
        if (count > 0) text[length] = BASE32[bits << (5 - count) & 31];
    }
}
