// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ReportSignature} from "../src/ReportSignature.sol";
import {AnchorFixture} from "./PowerAnchor.t.sol";
import {vm} from "./Vm.sol";

/// Reports of tests/vectors/v2/entries.json, signed by another implementation.
abstract contract ReportFixture is AnchorFixture {
    string internal json;

    function setUp() public override {
        super.setUp();
        json = vm.readFile("./fixtures/reports.json");
    }

    function _report(uint256 i) internal view returns (bytes memory entry, bytes memory key) {
        string memory place = string.concat(".reports[", vm.toString(i), "]");
        entry = vm.parseJsonBytes(json, string.concat(place, ".entry"));
        key = vm.parseJsonBytes(json, string.concat(place, ".key"));
    }

}

/// forge-config: default.evm_version = "osaka"
contract ReportTest is ReportFixture {
    function testReportsOfTheVectors() public view {
        uint256 count = vm.parseJsonUint(json, ".reportCount");
        require(count > 10, "no vectors");
        for (uint256 i = 0; i < count; i += 3) {
            (bytes memory entry, bytes memory key) = _report(i);
            require(anchors.verifyReport(entry, key), "a true report");
        }
    }

    /// Any changed byte but those of `received`, which the daemon adds, makes it another.
    function testFuzzChanged(uint16 seed, uint8 bit) public view {
        (bytes memory entry, bytes memory key) = _report(1);
        uint256 place = seed % entry.length;
        entry[place] ^= bytes1(uint8(1) << bit % 8);
        bool received = entry[place] >= "0" && entry[place] <= "9" && _isReceived(entry, place);
        require(anchors.verifyReport(entry, key) == received, "changed");
    }

    function _isReceived(bytes memory entry, uint256 place) private pure returns (bool) {
        while (entry[place] >= "0" && entry[place] <= "9") --place;
        bytes memory name = '"received":';
        if (place + 1 < name.length) return false;
        for (uint256 i = 0; i < name.length; ++i) if (entry[place + 1 + i - name.length] != name[i]) return false;
        return true;
    }

    function testFuzzChangedKey(uint8 seed, uint8 bit) public view {
        (bytes memory entry, bytes memory key) = _report(1);
        key[seed % 65] ^= bytes1(uint8(1) << bit % 8);
        require(!anchors.verifyReport(entry, key), "another key");
    }

    function testFuzzNoise(bytes calldata entry, bytes calldata key) public view {
        require(!anchors.verifyReport(entry, key), "noise");
    }

    function testNoReport() public view {
        bytes memory entry = vm.parseJsonBytes(json, ".roster.entry");
        bytes memory key = vm.parseJsonBytes(json, ".roster.key");
        require(!anchors.verifyReport(entry, key), "a roster, which is signed as such");
        (entry, key) = _report(0);
        require(!anchors.verifyReport(entry, bytes.concat(key, hex"00")), "a key that is longer");
        require(!anchors.verifyReport("", key) && !anchors.verifyReport(entry, ""), "nothing");
    }

    function testCutAnywhere() public view {
        (bytes memory entry, bytes memory key) = _report(2);
        for (uint256 size = 0; size < entry.length; size += 3) {
            bytes memory cut = new bytes(size);
            for (uint256 i = 0; i < size; ++i) cut[i] = entry[i];
            require(!anchors.verifyReport(cut, key), "cut");
        }
    }

    /// The last character of a signature has four bits that nothing stands in; another way of writing them is none.
    function testOneWayOfWriting() public view {
        (bytes memory entry, bytes memory key) = _report(3);
        bytes memory name = ',"sig":"';
        uint256 place = 0;
        for (uint256 k = 0; k < name.length; ++place) k = entry[place] == name[k] ? k + 1 : 0;
        require(entry[place + 86] == '"', "the end of the signature");
        bytes memory letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=";
        bytes1 right = entry[place + 85];
        for (uint256 i = 0; i < letters.length; ++i) {
            entry[place + 85] = letters[i];
            require(anchors.verifyReport(entry, key) == (letters[i] == right), "another last character");
        }
    }
}

/// Where there is no precompile, "no" would be a guess.
contract WithoutPrecompileTest is ReportFixture {
    function testSaysSo() public {
        (bytes memory entry, bytes memory key) = _report(0);
        vm.expectRevert(abi.encodeWithSelector(ReportSignature.NoPrecompile.selector));
        anchors.verifyReport(entry, key);
        require(!anchors.verifyReport("", key), "no report at all needs no precompile");
    }
}
