// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Checkpoint, CheckpointLine} from "../src/Checkpoint.sol";
import {PowerAnchor} from "../src/PowerAnchor.sol";
import {PlainTree} from "./PeriodTree.t.sol";
import {vm} from "./Vm.sol";

/// Anchors, lifts, pauses and hands over in any order, and writes down what has to be known then.
contract Handler {
    bytes private constant CID = hex"01551220baeeef6a55dcad9664b07a981ceeb6f0ac6ee3f8dcc57d10a68eff120c1bfe28";
    bytes32[3] public areas = [bytes32("demo-east"), "demo-west", "a"];
    PowerAnchor public immutable anchors = new PowerAnchor();
    PlainTree public immutable plain = new PlainTree();
    mapping(bytes32 area => uint64[]) public batches; // known ones, ascending
    mapping(bytes32 area => mapping(uint64 batch => Checkpoint)) private known;
    uint64 private clock = 1_764_000_000;

    constructor() {
        vm.warp(clock);
        bytes memory key = new bytes(65);
        key[0] = 0x04;
        for (uint256 i = 0; i < 3; ++i) anchors.registerArea(areas[i], key, key, address(this));
        anchors.setPeriodOperator(address(this));
    }

    function leafOf(Checkpoint calldata c) external pure returns (bytes32) {
        return CheckpointLine.leaf(c);
    }

    function batchCount(bytes32 area) external view returns (uint256) {
        return batches[area].length;
    }

    function knownOf(bytes32 area, uint64 batch) external view returns (Checkpoint memory) {
        return known[area][batch];
    }

    /// One that may follow the newest, with `skip` batches between.
    function _next(bytes32 area, uint64 skip, uint64 growth) private returns (Checkpoint memory c) {
        (uint64 batch, uint64 size, uint64 to,) = anchors.latest(area);
        c.area = area;
        c.batch = batch + 1 + skip;
        c.size = size + 1 + skip + growth;
        c.from = to + skip;
        c.to = c.from + 1 + growth % 1000;
        c.root = keccak256(abi.encode(c));
        c.cid = CID;
        clock += 2;
        vm.warp(clock);
    }

    function _remember(Checkpoint memory c) private {
        batches[c.area].push(c.batch);
        for (uint256 i = batches[c.area].length - 1; i > 0 && batches[c.area][i - 1] > c.batch; --i) {
            (batches[c.area][i - 1], batches[c.area][i]) = (c.batch, batches[c.area][i - 1]);
        }
        known[c.area][c.batch] = c;
    }

    function anchorOne(uint8 area, uint32 growth) external {
        Checkpoint[] memory list = new Checkpoint[](1);
        list[0] = _next(areas[area % 3], 0, growth);
        anchors.anchor(list);
        _remember(list[0]);
    }

    function _period(bytes32 root, uint32 count) private returns (uint64 period) {
        (, uint64 newest,,) = anchors.periods();
        period = newest + 1;
        anchors.anchorPeriod(period, root, count, CID);
        plain.append(sha256(abi.encodePacked(uint8(0), period, root, count)));
    }

    function anchorPeriod(bytes32 root, uint32 count) external {
        _period(root | bytes32(uint256(1)), count | 1);
    }

    function _lift(Checkpoint memory c) private {
        PowerAnchor.Place memory place;
        (, uint64 newest,,) = anchors.periods();
        if (newest % 2 == 1) _period("filler", 1);
        place.root = this.leafOf(c);
        place.count = 1;
        place.period = _period(place.root, 1);
        anchors.lift(c, place);
        anchors.lift(c, place);
        _remember(c);
    }

    function lift(uint8 area, uint8 skip, uint32 growth) external {
        _lift(_next(areas[area % 3], skip % 5, growth));
    }

    /// One of those that were left out.
    function liftEarlier(uint8 area, uint256 seed) external {
        uint64[] storage list = batches[areas[area % 3]];
        for (uint256 i = 1; i < list.length; ++i) {
            if (list[i] == list[i - 1] + 1) continue;
            Checkpoint memory before = known[areas[area % 3]][list[i - 1]];
            before.batch += 1;
            before.size += 1;
            before.from = before.to;
            before.to += 1;
            before.root = keccak256(abi.encode(before, seed));
            _lift(before);
            return;
        }
    }

    function pauseAndResume(uint8 area) external {
        anchors.pause(areas[area % 3]);
        anchors.resume(areas[area % 3]);
    }
}

contract InvariantTest {
    Handler private handler;

    function setUp() public {
        handler = new Handler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function _checkArea(bytes32 area) private view {
        PowerAnchor anchors = handler.anchors();
        uint256 count = handler.batchCount(area);
        uint64 size = 0;
        uint64 newest = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint64 batch = handler.batches(area, i);
            Checkpoint memory c = handler.knownOf(area, batch);
            require(batch > newest && c.size > size, "order");
            require(anchors.rootOf(area, batch) == c.root && anchors.sizeOf(area, batch) == c.size, "known");
            for (uint64 left = newest + 1; left < batch; ++left) {
                require(anchors.rootOf(area, left) == 0 && anchors.sizeOf(area, left) == 0, "left out");
            }
            (newest, size) = (batch, c.size);
        }
        (uint64 latest, uint64 latestSize, uint64 to, bytes32 root) = anchors.latest(area);
        Checkpoint memory last = handler.knownOf(area, newest);
        require(latest == newest && latestSize == size && to == last.to && root == last.root, "latest");
    }

    /// Nothing that was known is lost or changed, and nothing else is known.
    function invariant_EveryCheckpointStays() external view {
        for (uint256 i = 0; i < 3; ++i) _checkArea(handler.areas(i));
    }

    function invariant_TreeOfPeriodsIsThePlainOne() external view {
        (, uint64 newest, bytes32 root, bytes32[] memory frontier) = handler.anchors().periods();
        PlainTree plain = handler.plain();
        require(newest == plain.size() && root == plain.root(), "root");
        require(keccak256(abi.encode(frontier)) == keccak256(abi.encode(plain.all())), "frontier");
    }
}
