// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Checkpoint} from "../src/Checkpoint.sol";
import {PowerAnchor} from "../src/PowerAnchor.sol";
import {vm} from "./Vm.sol";

/// What every test of the contract starts from: a contract of ours, one area with an operator.
abstract contract AnchorFixture {
    bytes32 internal constant AREA = "demo-east";
    bytes32 internal constant OTHER = "demo-west";
    address internal constant OPERATOR = address(0x0907);
    address internal constant STRANGER = address(0xbad);
    address internal constant WITNESS = address(0x3173);
    uint64 internal constant NOW = 1_764_000_000; // seconds
    uint64 internal constant START = NOW * 1000 - 10_000_000; // ms
    PowerAnchor internal anchors;

    function setUp() public virtual {
        vm.warp(NOW);
        anchors = new PowerAnchor();
        anchors.registerArea(AREA, _key(1), _key(2), OPERATOR);
    }

    function _key(uint8 fill) internal pure returns (bytes memory key) {
        key = new bytes(65);
        key[0] = 0x04;
        key[64] = bytes1(fill);
    }

    function _checkpoint(uint64 batch) internal pure returns (Checkpoint memory) {
        return Checkpoint({
            area: AREA,
            batch: batch,
            size: batch * 10,
            from: START + (batch - 1) * 1000,
            to: START + batch * 1000,
            root: keccak256(abi.encode(batch)),
            cid: new bytes(36)
        });
    }

    function _anchorAs(address sender, Checkpoint memory checkpoint) internal {
        Checkpoint[] memory list = new Checkpoint[](1);
        list[0] = checkpoint;
        vm.prank(sender);
        anchors.anchor(list);
    }

    function _anchorUpTo(uint64 count) internal {
        for (uint64 batch = 1; batch <= count; ++batch) _anchorAs(OPERATOR, _checkpoint(batch));
    }

    function _expectRefusal(bytes memory reason, Checkpoint memory checkpoint) internal {
        Checkpoint[] memory list = new Checkpoint[](1);
        list[0] = checkpoint;
        vm.prank(OPERATOR);
        vm.expectRevert(reason);
        anchors.anchor(list);
    }
}

contract AnchorTest is AnchorFixture {
    event Anchored(
        bytes32 indexed area, uint64 indexed batch, uint64 size, uint64 from, uint64 to, bytes32 root, bytes cid
    );

    function testAnchorEmitsAndStores() public {
        Checkpoint memory c = _checkpoint(1);
        vm.expectEmit(true, true, true, true, address(anchors));
        emit Anchored(c.area, c.batch, c.size, c.from, c.to, c.root, c.cid);
        _anchorAs(OPERATOR, c);
        (uint64 batch, uint64 size, uint64 to, bytes32 root) = anchors.latest(AREA);
        require(batch == 1 && size == c.size && to == c.to && root == c.root, "latest");
        require(anchors.rootOf(AREA, 1) == c.root, "rootOf");
        require(anchors.sizeOf(AREA, 1) == c.size, "sizeOf");
    }

    function testNothingBeforeTheFirst() public view {
        (uint64 batch, uint64 size, uint64 to, bytes32 root) = anchors.latest(AREA);
        require(batch == 0 && size == 0 && to == 0 && root == 0, "latest");
        require(anchors.rootOf(AREA, 0) == 0 && anchors.rootOf(AREA, 1) == 0, "rootOf");
        require(anchors.sizeOf(AREA, 0) == 0 && anchors.sizeOf(AREA, 1) == 0, "sizeOf");
    }

    function testEveryRootAndSizeStays() public {
        for (uint64 count = 1; count <= 11; ++count) {
            _anchorAs(OPERATOR, _checkpoint(count));
            for (uint64 batch = 1; batch <= count; ++batch) {
                require(anchors.rootOf(AREA, batch) == _checkpoint(batch).root, "rootOf");
                require(anchors.sizeOf(AREA, batch) == batch * 10, "sizeOf");
            }
            require(anchors.sizeOf(AREA, count + 1) == 0, "sizeOf the next");
        }
    }

    function testManyAreasAndBatchesInOneCall() public {
        anchors.registerArea(OTHER, _key(1), _key(2), OPERATOR);
        Checkpoint[] memory list = new Checkpoint[](3);
        list[0] = _checkpoint(1);
        list[1] = _checkpoint(1);
        list[1].area = OTHER;
        list[2] = _checkpoint(2);
        vm.prank(OPERATOR);
        anchors.anchor(list);
        (uint64 batch,,,) = anchors.latest(AREA);
        (uint64 other,,,) = anchors.latest(OTHER);
        require(batch == 2 && other == 1, "latest");
    }

    function testAllOrNothing() public {
        Checkpoint[] memory list = new Checkpoint[](2);
        list[0] = _checkpoint(1);
        list[1] = _checkpoint(3);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.WrongBatch.selector, AREA, uint64(2)));
        anchors.anchor(list);
        require(anchors.rootOf(AREA, 1) == 0, "the first was kept");
    }

    function testNothingToAnchor() public {
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NothingToAnchor.selector));
        anchors.anchor(new Checkpoint[](0));
    }

    function testUnknownArea() public {
        Checkpoint memory c = _checkpoint(1);
        c.area = OTHER;
        _expectRefusal(abi.encodeWithSelector(PowerAnchor.UnknownArea.selector, OTHER), c);
    }

    function testNotOperator() public {
        Checkpoint[] memory list = new Checkpoint[](1);
        list[0] = _checkpoint(1);
        // The owner (this contract) is no operator either.
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotOperator.selector, AREA));
        anchors.anchor(list);
    }

    function testFuzzNotOperator(address sender) public {
        vm.assume(sender != OPERATOR);
        Checkpoint[] memory list = new Checkpoint[](1);
        list[0] = _checkpoint(1);
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotOperator.selector, AREA));
        anchors.anchor(list);
    }

    function testFuzzWrongBatch(uint64 batch) public {
        _anchorUpTo(2);
        vm.assume(batch != 3);
        Checkpoint memory c = _checkpoint(3);
        c.batch = batch;
        _expectRefusal(abi.encodeWithSelector(PowerAnchor.WrongBatch.selector, AREA, uint64(3)), c);
    }

    function testFuzzSize(uint64 size) public {
        _anchorUpTo(2);
        Checkpoint memory c = _checkpoint(3);
        c.size = size;
        if (size <= 20 || size > 20 + 2 ** 40) {
            _expectRefusal(abi.encodeWithSelector(PowerAnchor.WrongSize.selector, AREA, uint64(20)), c);
            return;
        }
        _anchorAs(OPERATOR, c);
        require(anchors.sizeOf(AREA, 3) == size && anchors.sizeOf(AREA, 2) == 20, "sizeOf");
    }

    /// A stolen key can't use up the sizes that are left: no batch adds more than 2^40 leaves.
    function testGrowthLimits() public {
        _anchorUpTo(2);
        Checkpoint memory c = _checkpoint(3);
        bytes memory reason = abi.encodeWithSelector(PowerAnchor.WrongSize.selector, AREA, uint64(20));
        c.size = type(uint64).max;
        _expectRefusal(reason, c);
        c.size = 20 + 2 ** 40 + 1;
        _expectRefusal(reason, c);
        c.size = 20 + 2 ** 40;
        _anchorAs(OPERATOR, c);
        c = _checkpoint(4);
        c.size = 20 + 2 ** 40 + 1;
        _anchorAs(OPERATOR, c);
        require(anchors.sizeOf(AREA, 3) == 20 + 2 ** 40 && anchors.sizeOf(AREA, 4) == c.size, "sizeOf");
    }

    function testFirstSizeLimits() public {
        Checkpoint memory c = _checkpoint(1);
        c.size = 2 ** 40 + 1;
        _expectRefusal(abi.encodeWithSelector(PowerAnchor.WrongSize.selector, AREA, uint64(0)), c);
        c.size = 2 ** 40;
        _anchorAs(OPERATOR, c);
    }

    function testFuzzFrom(uint64 from) public {
        _anchorUpTo(1);
        Checkpoint memory c = _checkpoint(2);
        vm.assume(from != c.from);
        uint64 expected = c.from;
        c.from = from;
        _expectRefusal(abi.encodeWithSelector(PowerAnchor.WrongFrom.selector, AREA, expected), c);
    }

    function testFuzzFirstFromIsFree(uint64 from) public {
        vm.assume(from < START + 1000);
        Checkpoint memory c = _checkpoint(1);
        c.from = from;
        _anchorAs(OPERATOR, c);
    }

    function testFuzzWindow(uint64 to) public {
        Checkpoint memory c = _checkpoint(1);
        uint64 limit = NOW * 1000 + 60_000;
        c.to = to;
        if (to <= c.from || to > limit) {
            _expectRefusal(abi.encodeWithSelector(PowerAnchor.WrongWindow.selector, AREA, limit), c);
        } else {
            _anchorAs(OPERATOR, c);
        }
    }

    function testWindowLimits() public {
        Checkpoint memory c = _checkpoint(1);
        uint64 limit = NOW * 1000 + 60_000;
        bytes memory reason = abi.encodeWithSelector(PowerAnchor.WrongWindow.selector, AREA, limit);
        c.to = c.from;
        _expectRefusal(reason, c);
        c.to = limit + 1;
        _expectRefusal(reason, c);
        c.to = limit;
        _anchorAs(OPERATOR, c);
    }

    function testWrongRoot() public {
        Checkpoint memory c = _checkpoint(1);
        c.root = 0;
        _expectRefusal(abi.encodeWithSelector(PowerAnchor.WrongRoot.selector, AREA), c);
    }

    function testWrongCid() public {
        Checkpoint memory c = _checkpoint(1);
        bytes memory reason = abi.encodeWithSelector(PowerAnchor.WrongCid.selector, AREA);
        c.cid = "";
        _expectRefusal(reason, c);
        c.cid = new bytes(65);
        _expectRefusal(reason, c);
        c.cid = new bytes(64);
        _anchorAs(OPERATOR, c);
    }

    function testFuzzSequence(uint8 count, uint64 step) public {
        uint64 batches = uint64(count % 20) + 1;
        step = step % 1_000_000 + 1;
        for (uint64 batch = 1; batch <= batches; ++batch) {
            Checkpoint memory c = _checkpoint(batch);
            c.size = batch * step;
            _anchorAs(OPERATOR, c);
        }
        for (uint64 batch = 1; batch <= batches; ++batch) {
            require(anchors.sizeOf(AREA, batch) == batch * step, "sizeOf");
        }
    }
}
