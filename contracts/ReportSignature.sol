// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title The signature of a device's report
/// @notice docs/PROTOCOL.md section 2: signed are a prefix and the entry without `received` and `sig`.
library ReportSignature {
    /// The chain can't verify P-256: it has no precompile of EIP-7951 (or RIP-7212).
    error NoPrecompile();

    address private constant P256 = address(0x100);
    bytes private constant PREFIX = "powertrack report v1\n";
    uint256 private constant SIGNATURE_CHARACTERS = 86; // 64 bytes
    uint256 private constant ENTRY_MAX = 65535;

    /// Where the two members stand that are not signed: each from its comma to the next member's.
    struct Cuts {
        uint256 received;
        uint256 afterReceived;
        uint256 signature;
        uint256 afterSignature;
    }

    /// @notice Whether `key` (a SEC 1 uncompressed point) signed the report `entry`, the exact bytes of a log's line.
    /// False for anything that is no such line. Reverts with NoPrecompile where that can't be told.
    function verify(bytes calldata entry, bytes calldata key) internal view returns (bool) {
        (bool found, Cuts memory cuts) = _cut(entry);
        if (!found || key.length != 65 || key[0] != 0x04) return false;
        (bool decoded, bytes memory signature) =
            _decode(entry[cuts.signature + 8:cuts.signature + 8 + SIGNATURE_CHARACTERS]);
        if (!decoded) return false;
        bytes32 digest = sha256(
            bytes.concat(
                PREFIX,
                entry[:cuts.received],
                entry[cuts.afterReceived:cuts.signature],
                entry[cuts.afterSignature:]
            )
        );
        if (_holds(bytes.concat(digest, signature, key[1:]))) return true;
        // No answer is "no", or nobody there who could say yes: RFC 6979 A.2.5 has one that holds.
        if (!_holds(_example())) revert NoPrecompile();
        return false;
    }

    function _cut(bytes calldata entry) private pure returns (bool found, Cuts memory cuts) {
        if (entry.length > ENTRY_MAX) return (false, cuts);
        uint256 place = _find(entry, 0, ',"received":', 12);
        cuts.received = place;
        place += 12;
        while (place < entry.length && entry[place] >= "0" && entry[place] <= "9") ++place;
        cuts.afterReceived = place;
        place = _find(entry, place, ',"sig":"', 8);
        cuts.signature = place;
        cuts.afterSignature = place + 8 + SIGNATURE_CHARACTERS + 1;
        found = cuts.afterSignature < entry.length && entry[cuts.afterReceived] == ","
            && entry[cuts.afterSignature - 1] == '"' && entry[cuts.afterSignature] == ",";
    }

    /// Where `word` (`size` bytes) first stands from `place` on; the length of `entry` where it does not.
    function _find(bytes calldata entry, uint256 place, bytes32 word, uint256 size) private pure returns (uint256) {
        uint256 shift = 256 - 8 * size;
        uint256 wanted = uint256(word) >> shift;
        for (; place + size <= entry.length; ++place) {
            uint256 here;
            assembly ("memory-safe") {
                here := shr(shift, calldataload(add(entry.offset, place)))
            }
            if (here == wanted) return place;
        }
        return entry.length;
    }

    /// Base64url of 64 bytes, without padding (RFC 4648 section 5).
    function _decode(bytes calldata text) private pure returns (bool, bytes memory data) {
        data = new bytes(64);
        uint256 bits = 0;
        uint256 count = 0;
        uint256 length = 0;
        for (uint256 i = 0; i < text.length; ++i) {
            uint256 value = _digit(text[i]);
            if (value == 64) return (false, data);
            bits = (bits << 6 | value) & 0x3fff;
            count += 6;
            if (count >= 8) {
                count -= 8;
                data[length++] = bytes1(uint8(bits >> count));
            }
        }
        // What is left over of the last character is zero: one encoding per value.
        return (bits & ((1 << count) - 1) == 0, data);
    }

    function _digit(bytes1 character) private pure returns (uint256) {
        uint256 code = uint8(character);
        if (code >= 65 && code <= 90) return code - 65;
        if (code >= 97 && code <= 122) return code - 71;
        if (code >= 48 && code <= 57) return code + 4;
        if (code == 45) return 62;
        return code == 95 ? 63 : 64;
    }

    /// EIP-7951: the digest, r, s and the point's coordinates in; 1 comes out, or nothing.
    function _holds(bytes memory input) private view returns (bool) {
        (bool done, bytes memory answer) = P256.staticcall(input);
        return done && answer.length == 32 && abi.decode(answer, (uint256)) == 1;
    }

    function _example() private pure returns (bytes memory) {
        return abi.encodePacked(
            sha256("sample"),
            hex"efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
            hex"f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
            hex"60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
            hex"7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
        );
    }
}
