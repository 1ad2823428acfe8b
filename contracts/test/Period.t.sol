// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Checkpoint, CheckpointLine} from "../src/Checkpoint.sol";
import {PowerAnchor} from "../src/PowerAnchor.sol";
import {AnchorFixture} from "./PowerAnchor.t.sol";
import {vm} from "./Vm.sol";

/// A contract with an operator of period mode.
abstract contract PeriodFixture is AnchorFixture {
    address internal constant PERIODS = address(0x9e410d);
    bytes internal constant CID = hex"01551220baeeef6a55dcad9664b07a981ceeb6f0ac6ee3f8dcc57d10a68eff120c1bfe28";

    function setUp() public virtual override {
        super.setUp();
        anchors.setPeriodOperator(PERIODS);
    }

    function _newest() internal view returns (uint64 newest) {
        (, newest,,) = anchors.periods();
    }

    function _anchorPeriod(bytes32 root, uint32 count) internal returns (uint64 period) {
        period = _newest() + 1;
        vm.prank(PERIODS);
        anchors.anchorPeriod(period, root, count, CID);
    }

    function leafOf(Checkpoint calldata c) external pure returns (bytes32) {
        return CheckpointLine.leaf(c);
    }

    function _named(bytes32 area, uint64 batch) internal pure returns (Checkpoint memory c) {
        c = _checkpoint(batch);
        c.area = area;
        c.cid = CID;
    }

    /// A period of this one checkpoint. Its place holds while it is the newest, with an odd number.
    function _alone(Checkpoint memory c) internal returns (PowerAnchor.Place memory place) {
        place.root = this.leafOf(c);
        place.count = 1;
        if (_newest() % 2 == 1) _anchorPeriod(bytes32("filler"), 1);
        place.period = _anchorPeriod(place.root, 1);
    }

    function _lift(Checkpoint memory c) internal {
        anchors.lift(c, _alone(c));
    }

    function _refuseLift(bytes memory reason, Checkpoint memory c) internal {
        PowerAnchor.Place memory place = _alone(c);
        vm.expectRevert(reason);
        anchors.lift(c, place);
    }

    function _expectLatest(uint64 batch) internal view {
        (uint64 newest, uint64 size, uint64 to, bytes32 root) = anchors.latest(AREA);
        Checkpoint memory c = _checkpoint(batch);
        require(newest == batch && size == c.size && to == c.to && root == c.root, "latest");
    }
}

contract AnchorPeriodTest is PeriodFixture {
    event PeriodAnchored(uint64 indexed period, bytes32 root, uint32 count, bytes cid);
    event PeriodOperatorChanged(address indexed operator);

    function testEmits() public {
        vm.expectEmit(true, true, true, true, address(anchors));
        emit PeriodAnchored(1, "root", 5, CID);
        vm.prank(PERIODS);
        anchors.anchorPeriod(1, "root", 5, CID);
        require(_newest() == 1, "newest");
    }

    function testBeginsEmpty() public view {
        (address operator, uint64 newest, bytes32 root, bytes32[] memory frontier) = anchors.periods();
        require(operator == PERIODS && newest == 0 && root == sha256("") && frontier.length == 0, "periods");
        require(!anchors.verifyPeriod(0, 0, 0, new bytes32[](0)), "period 0");
        require(!anchors.verifyPeriod(1, 0, 0, new bytes32[](0)), "period 1");
    }

    function testFuzzOnlyItsOperator(address sender) public {
        vm.assume(sender != PERIODS);
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotPeriodOperator.selector));
        anchors.anchorPeriod(1, "root", 5, CID);
    }

    function testFuzzPeriodIsTheNext(uint64 period) public {
        _anchorPeriod("root", 1);
        vm.assume(period != 2);
        vm.prank(PERIODS);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.WrongPeriod.selector, uint64(2)));
        anchors.anchorPeriod(period, "root", 5, CID);
    }

    function _refuse(bytes32 root, uint32 count, bytes memory cid) private {
        vm.prank(PERIODS);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.BadPeriod.selector));
        anchors.anchorPeriod(1, root, count, cid);
    }

    function testBadPeriods() public {
        _refuse(0, 1, CID);
        _refuse("root", 0, CID);
        _refuse("root", 1, "");
        _refuse("root", 1, new bytes(65));
        vm.prank(PERIODS);
        anchors.anchorPeriod(1, "root", 1, new bytes(64));
    }

    function testOperatorChanges() public {
        _anchorPeriod("root", 1);
        vm.expectEmit(true, true, true, true, address(anchors));
        emit PeriodOperatorChanged(STRANGER);
        anchors.setPeriodOperator(STRANGER);
        vm.prank(PERIODS);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotPeriodOperator.selector));
        anchors.anchorPeriod(2, "root", 1, CID);
        vm.prank(STRANGER);
        anchors.anchorPeriod(2, "root", 1, CID);
        anchors.setPeriodOperator(address(0));
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotPeriodOperator.selector));
        anchors.anchorPeriod(3, "root", 1, CID);
        require(_newest() == 2, "newest");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotOwner.selector));
        anchors.setPeriodOperator(STRANGER);
    }

    function testNobodyBefore() public {
        PowerAnchor fresh = new PowerAnchor();
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotPeriodOperator.selector));
        fresh.anchorPeriod(1, "root", 1, CID);
    }

    function testWitnessAttests() public {
        uint64 period = _anchorPeriod("root", 3);
        bytes32[] memory path = new bytes32[](0);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotWitness.selector));
        anchors.attestPeriod(period, "root", 3, path);
        anchors.registerWitness(WITNESS);
        vm.startPrank(WITNESS);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.BadPeriod.selector));
        anchors.attestPeriod(period, "root", 4, path);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.BadPeriod.selector));
        anchors.attestPeriod(period + 1, "root", 3, path);
        vm.expectEmit(true, true, true, true, address(anchors));
        emit PowerAnchor.PeriodAttested(period, WITNESS, "root");
        anchors.attestPeriod(period, "root", 3, path);
        vm.stopPrank();
    }
}

/// period.json of tests/vectors, made by another implementation.
contract PeriodVectorTest is PeriodFixture {
    string private json;

    function setUp() public override {
        super.setUp();
        json = vm.readFile("./fixtures/periods.json");
    }

    function _place(string memory list, uint256 i) private pure returns (string memory) {
        return string.concat(list, "[", vm.toString(i), "]");
    }

    function _read(string memory at_) private view returns (Checkpoint memory c) {
        c.area = vm.parseJsonBytes32(json, string.concat(at_, ".area"));
        c.batch = uint64(vm.parseJsonUint(json, string.concat(at_, ".batch")));
        c.size = uint64(vm.parseJsonUint(json, string.concat(at_, ".size")));
        c.from = uint64(vm.parseJsonUint(json, string.concat(at_, ".from")));
        c.to = uint64(vm.parseJsonUint(json, string.concat(at_, ".to")));
        c.root = vm.parseJsonBytes32(json, string.concat(at_, ".root"));
        c.cid = vm.parseJsonBytes(json, string.concat(at_, ".cid"));
    }

    function _anchorAll() private {
        uint256 count = vm.parseJsonUint(json, ".treeCount");
        for (uint256 i = 0; i < count; ++i) {
            string memory step = _place(".tree", i);
            vm.prank(PERIODS);
            anchors.anchorPeriod(
                uint64(i + 1),
                vm.parseJsonBytes32(json, string.concat(step, ".root")),
                uint32(vm.parseJsonUint(json, string.concat(step, ".count"))),
                vm.parseJsonBytes(json, string.concat(step, ".cid"))
            );
            (,, bytes32 root, bytes32[] memory frontier) = anchors.periods();
            require(root == vm.parseJsonBytes32(json, string.concat(step, ".after")), "root");
            bytes32[] memory expected = vm.parseJsonBytes32Array(json, string.concat(step, ".frontier"));
            require(keccak256(abi.encode(frontier)) == keccak256(abi.encode(expected)), "frontier");
        }
    }

    function testTreeGrowsAndPathsHold() public {
        _anchorAll();
        uint256 count = vm.parseJsonUint(json, ".treeCount");
        for (uint256 i = 0; i < count; ++i) {
            string memory step = _place(".tree", i);
            bytes32 root = vm.parseJsonBytes32(json, string.concat(step, ".root"));
            uint32 leaves = uint32(vm.parseJsonUint(json, string.concat(step, ".count")));
            bytes32[] memory path = vm.parseJsonBytes32Array(json, string.concat(step, ".path"));
            require(anchors.verifyPeriod(uint64(i + 1), root, leaves, path), "a true path");
            require(!anchors.verifyPeriod(uint64(i + 2), root, leaves, path), "another period");
            require(!anchors.verifyPeriod(uint64(i + 1), root, leaves + 1, path), "another count");
            require(!anchors.verifyPeriod(uint64(i + 1), ~root, leaves, path), "another root");
        }
    }

    /// The calls as they stand in the vectors.
    function testCalls() public {
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(PERIODS);
            (bool done,) = address(anchors).call(vm.parseJsonBytes(json, _place(".calls", i)));
            require(done, "refused");
        }
        require(_newest() == 2, "newest");
    }

    function _placeOf(string memory at_) private view returns (PowerAnchor.Place memory place) {
        place.period = uint64(vm.parseJsonUint(json, string.concat(at_, ".period")));
        string memory step = _place(".tree", place.period - 1);
        place.root = vm.parseJsonBytes32(json, string.concat(step, ".root"));
        place.count = uint32(vm.parseJsonUint(json, string.concat(step, ".count")));
        place.index = uint32(vm.parseJsonUint(json, string.concat(at_, ".index")));
        place.path = vm.parseJsonBytes32Array(json, string.concat(at_, ".path"));
        place.periodPath = vm.parseJsonBytes32Array(json, string.concat(step, ".path"));
    }

    function testEveryCheckpointIsLifted() public {
        _anchorAll();
        vm.warp(1_764_002_700);
        uint256 count = vm.parseJsonUint(json, ".checkpointCount");
        for (uint256 i = 0; i < count; ++i) {
            string memory at_ = _place(".checkpoints", i);
            Checkpoint memory c = _read(at_);
            PowerAnchor.Place memory place = _placeOf(at_);
            require(this.leafOf(c) == vm.parseJsonBytes32(json, string.concat(at_, ".leaf")), "leaf");
            if (anchors.operatorOf(c.area) == address(0)) anchors.registerArea(c.area, _key(1), _key(2), OPERATOR);
            anchors.lift(c, place);
            (uint64 batch, uint64 size, uint64 to, bytes32 root) = anchors.latest(c.area);
            require(batch == c.batch && size == c.size && to == c.to && root == c.root, "latest");
            c.to ^= 1;
            vm.expectRevert(abi.encodeWithSelector(PowerAnchor.WrongProof.selector, c.area));
            anchors.lift(c, place);
        }
    }

    function _checkPair(Checkpoint memory a, Checkpoint memory b, bool conflict) private {
        anchors = new PowerAnchor(); // so that they are periods 1 and 2
        anchors.setPeriodOperator(PERIODS);
        PowerAnchor.Place memory placeA;
        placeA.root = this.leafOf(a);
        placeA.count = 1;
        placeA.periodPath = new bytes32[](1);
        PowerAnchor.Place memory placeB;
        placeB.root = this.leafOf(b);
        placeB.count = 1;
        placeB.periodPath = new bytes32[](1);
        placeA.period = _anchorPeriod(placeA.root, 1);
        placeB.period = _anchorPeriod(placeB.root, 1);
        placeA.periodPath[0] = sha256(abi.encodePacked(bytes1(0), placeB.period, placeB.root, uint32(1)));
        placeB.periodPath[0] = sha256(abi.encodePacked(bytes1(0), placeA.period, placeA.root, uint32(1)));
        if (a.area != b.area) {
            vm.expectRevert(abi.encodeWithSelector(PowerAnchor.BadArea.selector));
        } else if (!conflict) {
            vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NoConflict.selector, a.area));
        } else {
            vm.expectEmit(true, true, true, true, address(anchors));
            emit PowerAnchor.ConflictProven(
                a.area, a.batch, b.batch, placeA.period, placeB.period, a.root, b.root
            );
        }
        anchors.conflict(a, placeA, b, placeB);
    }

    function testPairs() public {
        uint256 count = vm.parseJsonUint(json, ".pairCount");
        require(count > 10, "no vectors");
        for (uint256 i = 0; i < count; ++i) {
            string memory at_ = _place(".pairs", i);
            Checkpoint memory a = _read(string.concat(at_, ".a"));
            Checkpoint memory b = _read(string.concat(at_, ".b"));
            bool conflict = vm.parseJsonBool(json, string.concat(at_, ".conflict"));
            require(this.leafOf(a) == vm.parseJsonBytes32(json, string.concat(at_, ".a.leaf")), "leaf");
            _checkPair(a, b, conflict);
            _checkPair(b, a, conflict);
        }
    }
}

contract LiftTest is PeriodFixture {
    function testLiftedIsKnown() public {
        Checkpoint memory c = _named(AREA, 1);
        PowerAnchor.Place memory place = _alone(c);
        vm.expectEmit(true, true, true, true, address(anchors));
        emit PowerAnchor.Lifted(AREA, 1, place.period, c.size, c.from, c.to, c.root, c.cid);
        vm.prank(STRANGER);
        anchors.lift(c, place);
        _expectLatest(1);
        require(anchors.rootOf(AREA, 1) == c.root && anchors.sizeOf(AREA, 1) == c.size, "known");
        anchors.lift(c, place); // again: nothing changes
        _expectLatest(1);
    }

    function testBatchesMayBeLeftOut() public {
        _lift(_named(AREA, 3));
        _expectLatest(3);
        require(anchors.rootOf(AREA, 2) == 0 && anchors.sizeOf(AREA, 2) == 0, "one that nobody lifted");
        _lift(_named(AREA, 8));
        _lift(_named(AREA, 5));
        _lift(_named(AREA, 1));
        _expectLatest(8);
        for (uint64 batch = 1; batch <= 9; ++batch) {
            bool known = batch == 1 || batch == 3 || batch == 5 || batch == 8;
            require(anchors.sizeOf(AREA, batch) == (known ? batch * 10 : 0), "sizeOf");
            require(anchors.rootOf(AREA, batch) == (known ? _checkpoint(batch).root : bytes32(0)), "rootOf");
        }
    }

    /// A log may change from one mode to the other, and back.
    function testBothModes() public {
        _anchorUpTo(3);
        _lift(_named(AREA, 4));
        _lift(_named(AREA, 7));
        _anchorAs(OPERATOR, _checkpoint(8));
        _anchorAs(OPERATOR, _checkpoint(9));
        _lift(_named(AREA, 10));
        _lift(_named(AREA, 6));
        _expectLatest(10);
        for (uint64 batch = 1; batch <= 10; ++batch) {
            require(anchors.sizeOf(AREA, batch) == (batch == 5 ? 0 : batch * 10), "sizeOf");
        }
        Checkpoint memory c = _checkpoint(9);
        _expectRefusal(abi.encodeWithSelector(PowerAnchor.WrongBatch.selector, AREA, uint64(11)), c);
    }

    function testRefusesWhatItKnowsOtherwise() public {
        _anchorUpTo(1);
        Checkpoint memory c = _named(AREA, 1);
        c.root = "another";
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongRoot.selector, AREA), c);
        c = _named(AREA, 1);
        c.size = 11;
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongSize.selector, AREA, uint64(10)), c);
    }

    function testRefusesTheNextThatDoesNotFollow() public {
        _anchorUpTo(2);
        Checkpoint memory c = _named(AREA, 3);
        c.size = 20;
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongSize.selector, AREA, uint64(20)), c);
        c.size = 21 + 2 ** 40;
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongSize.selector, AREA, uint64(20)), c);
        c = _named(AREA, 3);
        c.from -= 1;
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongFrom.selector, AREA, _checkpoint(2).to), c);
        c.from += 2;
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongFrom.selector, AREA, _checkpoint(2).to), c);
        c = _named(AREA, 3);
        c.to = c.from;
        uint64 limit = NOW * 1000 + 60_000;
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongWindow.selector, AREA, limit), c);
        c.to = limit + 1;
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongWindow.selector, AREA, limit), c);
        c.to = limit;
        _lift(c);
    }

    /// Whoever anchors periods can't use up an area's batches or sizes.
    function testRefusesALeapWithoutRoom() public {
        _anchorUpTo(2);
        Checkpoint memory c = _named(AREA, 1000);
        c.size = 20 + 997; // 998 batches of at least one leaf
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongSize.selector, AREA, uint64(20)), c);
        c.size = 20 + 998;
        c.from = _checkpoint(2).to + 996; // 997 windows before it of at least a millisecond
        c.to = c.from + 1;
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongFrom.selector, AREA, _checkpoint(2).to), c);
        c.from += 1;
        c.to += 1;
        _lift(c);
        c.batch = type(uint64).max;
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongSize.selector, AREA, uint64(1018)), c);
        c.size = type(uint64).max;
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongSize.selector, AREA, uint64(1018)), c);
    }

    function testRefusesAnEarlierOneWithoutRoom() public {
        _lift(_named(AREA, 9));
        Checkpoint memory c = _named(AREA, 8);
        c.size = 90;
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongSize.selector, AREA, uint64(90)), c);
        c.size = 7;
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongSize.selector, AREA, uint64(90)), c);
        c = _named(AREA, 8);
        c.to = _checkpoint(9).to;
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongWindow.selector, AREA, c.to - 1), c);
        c = _named(AREA, 8);
        c.batch = 0;
        _refuseLift(abi.encodeWithSelector(PowerAnchor.WrongRoot.selector, AREA), c);
    }

    function testProofs() public {
        Checkpoint memory c = _named(AREA, 1);
        PowerAnchor.Place memory place = _alone(c);
        bytes memory reason = abi.encodeWithSelector(PowerAnchor.WrongProof.selector, AREA);
        place.index = 1;
        vm.expectRevert(reason);
        anchors.lift(c, place);
        place.index = 0;
        place.count = 2;
        vm.expectRevert(reason);
        anchors.lift(c, place);
        place.count = 1;
        place.period += 1;
        vm.expectRevert(reason);
        anchors.lift(c, place);
        place.period = 0;
        vm.expectRevert(reason);
        anchors.lift(c, place);
        place.period = 1;
        place.path = new bytes32[](1);
        vm.expectRevert(reason);
        anchors.lift(c, place);
        place.path = new bytes32[](0);
        c.cid = bytes.concat(CID, hex"00");
        vm.expectRevert(reason);
        anchors.lift(c, place);
        c.cid = CID;
        anchors.lift(c, place);
    }

    function testUnknownOrPausedArea() public {
        _refuseLift(abi.encodeWithSelector(PowerAnchor.UnknownArea.selector, OTHER), _named(OTHER, 1));
        // A name that has the same text is another area.
        bytes32 alike = AREA | bytes32(uint256(1));
        _refuseLift(abi.encodeWithSelector(PowerAnchor.UnknownArea.selector, alike), _named(alike, 1));
        anchors.pause(AREA);
        _refuseLift(abi.encodeWithSelector(PowerAnchor.IsPaused.selector, AREA), _named(AREA, 1));
        anchors.resume(AREA);
        _lift(_named(AREA, 1));
    }

    function testInclusionInALiftedOne() public {
        Checkpoint memory c = _named(AREA, 4);
        c.size = 5;
        c.root = sha256(abi.encodePacked(uint8(0), "entry"));
        for (uint256 i = 0; i < 3; ++i) c.root = sha256(abi.encodePacked(uint8(1), bytes32(i), c.root));
        c.size = 8;
        _lift(c);
        bytes32[] memory path = new bytes32[](3);
        for (uint256 i = 0; i < 3; ++i) path[i] = bytes32(i);
        require(anchors.verifyInclusion(AREA, 4, 7, "entry", path), "a true path");
        require(!anchors.verifyInclusion(AREA, 3, 7, "entry", path), "a batch that was left out");
    }
}

contract ConflictTest is PeriodFixture {
    PowerAnchor.Place private none;

    function _expect(Checkpoint memory a, Checkpoint memory b, bool conflict) private {
        PowerAnchor.Place memory place = _alone(b);
        if (!conflict) vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NoConflict.selector, AREA));
        anchors.conflict(a, none, b, place);
        place = _alone(b);
        if (!conflict) vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NoConflict.selector, AREA));
        anchors.conflict(b, place, a, none);
    }

    /// Of what was anchored one by one the contract knows root and size.
    function testWithAnAnchoredOne() public {
        _anchorUpTo(2);
        Checkpoint memory a = _named(AREA, 2);
        Checkpoint memory b = _named(AREA, 2);
        _expect(a, b, false);
        b.cid = bytes.concat(CID);
        b.from += 1;
        _expect(a, b, false); // it can't tell
        b.root = "another";
        _expect(a, b, true);
        b = _named(AREA, 2);
        b.size += 1;
        _expect(a, b, true);
        b = _named(AREA, 9);
        b.size = a.size;
        _expect(a, b, true);
        b.size += 1;
        _expect(a, b, false);
        b = _named(AREA, 1);
        b.size = a.size;
        _expect(a, b, true);
    }

    function testStandsNowhere() public {
        _anchorUpTo(2);
        Checkpoint memory a = _named(AREA, 2);
        Checkpoint memory b = _named(AREA, 2);
        b.root = "another";
        PowerAnchor.Place memory place = _alone(b);
        bytes memory reason = abi.encodeWithSelector(PowerAnchor.WrongProof.selector, AREA);
        a.size += 1;
        vm.expectRevert(reason);
        anchors.conflict(a, none, b, place);
        a = _named(AREA, 3);
        a.root = 0;
        vm.expectRevert(reason);
        anchors.conflict(a, none, b, place);
        a = _named(AREA, 2);
        b.root = "a third";
        vm.expectRevert(reason);
        anchors.conflict(a, none, b, place);
        vm.expectRevert(reason);
        anchors.conflict(b, place, a, none);
        a.area = b.area = AREA | bytes32(uint256(1));
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.BadArea.selector));
        anchors.conflict(a, none, b, place);
    }
}
