// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Checkpoint} from "../src/Checkpoint.sol";
import {AnchorFixture} from "./PowerAnchor.t.sol";
import {vm} from "./Vm.sol";

/// The batches and paths of tests/vectors/v2/batches.json, made by another implementation.
contract VectorTest is AnchorFixture {
    string private json;
    bytes32 private area;

    function setUp() public override {
        super.setUp();
        json = vm.readFile("./fixtures/batches.json");
        area = vm.parseJsonBytes32(json, ".area");
        if (area != AREA) {
            anchors.registerArea(
                area, vm.parseJsonBytes(json, ".authority"), vm.parseJsonBytes(json, ".service"), OPERATOR
            );
        }
        uint256 count = vm.parseJsonUint(json, ".checkpointCount");
        for (uint256 i = 0; i < count; ++i) {
            Checkpoint memory c = _read(i);
            vm.warp(c.to / 1000 + 1);
            _anchorAs(OPERATOR, c);
        }
    }

    function _read(uint256 i) private view returns (Checkpoint memory c) {
        string memory place = string.concat(".checkpoints[", vm.toString(i), "]");
        c.area = area;
        c.batch = uint64(vm.parseJsonUint(json, string.concat(place, ".batch")));
        c.size = uint64(vm.parseJsonUint(json, string.concat(place, ".size")));
        c.from = uint64(vm.parseJsonUint(json, string.concat(place, ".from")));
        c.to = uint64(vm.parseJsonUint(json, string.concat(place, ".to")));
        c.root = vm.parseJsonBytes32(json, string.concat(place, ".root"));
        c.cid = vm.parseJsonBytes(json, string.concat(place, ".cid"));
    }

    function testPathsOfTheVectors() public view {
        uint256 count = vm.parseJsonUint(json, ".inclusionCount");
        require(count > 0, "no vectors");
        for (uint256 i = 0; i < count; ++i) {
            string memory place = string.concat(".inclusion[", vm.toString(i), "]");
            uint64 batch = uint64(vm.parseJsonUint(json, string.concat(place, ".batch")));
            uint64 index = uint64(vm.parseJsonUint(json, string.concat(place, ".index")));
            bytes memory entry = vm.parseJsonBytes(json, string.concat(place, ".entry"));
            bytes32[] memory path = vm.parseJsonBytes32Array(json, string.concat(place, ".path"));
            _check(batch, index, entry, path);
        }
    }

    function _check(uint64 batch, uint64 index, bytes memory entry, bytes32[] memory path) private view {
        require(anchors.verifyInclusion(area, batch, index, entry, path), "a true path");
        require(!anchors.verifyInclusion(area, batch, index + 1, entry, path), "another index");
        require(!anchors.verifyInclusion(area, batch ^ 3, index, entry, path), "another batch");
        require(!anchors.verifyInclusion(area, 0, index, entry, path), "batch 0");
        require(!anchors.verifyInclusion(area, batch + 7, index, entry, path), "a batch to come");
        require(!anchors.verifyInclusion(OTHER, batch, index, entry, path), "another area");
        bytes32[] memory longer = new bytes32[](path.length + 1);
        for (uint256 i = 0; i < path.length; ++i) longer[i] = path[i];
        require(!anchors.verifyInclusion(area, batch, index, entry, longer), "a longer path");
        bytes32[] memory shorter = new bytes32[](path.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) shorter[i] = path[i];
        require(!anchors.verifyInclusion(area, batch, index, entry, shorter), "a shorter path");
        entry[0] ^= 0x01;
        require(!anchors.verifyInclusion(area, batch, index, entry, path), "another entry");
        entry[0] ^= 0x01;
        path[0] ^= bytes32(uint256(1));
        require(!anchors.verifyInclusion(area, batch, index, entry, path), "another node");
    }
}

/// Trees made here by the definition of RFC 9162 section 2.1.1, which is not how the contract works.
contract TreeTest is AnchorFixture {
    function _leaf(uint256 index) private pure returns (bytes memory) {
        return abi.encodePacked("entry ", index);
    }

    function _split(uint256 size) private pure returns (uint256 k) {
        k = 1;
        while (k * 2 < size) k *= 2;
    }

    function _root(uint256 first, uint256 size) private pure returns (bytes32) {
        if (size == 1) return sha256(abi.encodePacked(uint8(0), _leaf(first)));
        uint256 k = _split(size);
        return sha256(abi.encodePacked(uint8(1), _root(first, k), _root(first + k, size - k)));
    }

    function _path(uint256 index, uint256 first, uint256 size) private pure returns (bytes32[] memory path) {
        if (size == 1) return new bytes32[](0);
        uint256 k = _split(size);
        bool left = index < k;
        bytes32[] memory below = left ? _path(index, first, k) : _path(index - k, first + k, size - k);
        path = new bytes32[](below.length + 1);
        for (uint256 i = 0; i < below.length; ++i) path[i] = below[i];
        path[below.length] = left ? _root(first + k, size - k) : _root(first, k);
    }

    function _anchorTree(uint64 size) private {
        Checkpoint memory c = _checkpoint(1);
        c.size = size;
        c.root = _root(0, size);
        _anchorAs(OPERATOR, c);
    }

    function testFuzzInclusion(uint8 sizeSeed, uint8 indexSeed, uint8 wrongSeed) public {
        uint64 size = uint64(sizeSeed % 40) + 1;
        uint64 index = indexSeed % size;
        uint64 wrong = wrongSeed % 64;
        _anchorTree(size);
        bytes32[] memory path = _path(index, 0, size);
        require(anchors.verifyInclusion(AREA, 1, index, _leaf(index), path), "a true path");
        if (wrong != index) {
            require(!anchors.verifyInclusion(AREA, 1, wrong, _leaf(index), path), "another index");
        }
    }

    function testFuzzNoise(uint64 index, bytes calldata entry, bytes32[] calldata path) public {
        _anchorTree(7);
        require(!anchors.verifyInclusion(AREA, 1, index, entry, path), "noise");
    }

    function testOneLeaf() public {
        _anchorTree(1);
        bytes32[] memory path = new bytes32[](0);
        require(anchors.verifyInclusion(AREA, 1, 0, _leaf(0), path), "the only leaf");
        require(!anchors.verifyInclusion(AREA, 1, 1, _leaf(0), path), "past the end");
        require(!anchors.verifyInclusion(AREA, 1, 0, _leaf(0), new bytes32[](65)), "too long");
    }

    /// An inner node must not pass for an entry.
    function testNodeIsNoLeaf() public {
        _anchorTree(2);
        bytes memory node = abi.encodePacked(_root(0, 1), _root(1, 1));
        require(!anchors.verifyInclusion(AREA, 1, 0, node, new bytes32[](0)), "second preimage");
    }
}
