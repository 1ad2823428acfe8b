// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {PowerAnchor} from "../src/PowerAnchor.sol";
import {AnchorFixture} from "./PowerAnchor.t.sol";
import {vm} from "./Vm.sol";

contract RegistrationTest is AnchorFixture {
    event AreaRegistered(bytes32 indexed area, bytes authorityKey, bytes serviceKey, address operator);
    event OperatorChanged(bytes32 indexed area, address operator);

    function testRegisterEmits() public {
        vm.expectEmit(true, true, true, true, address(anchors));
        emit AreaRegistered(OTHER, _key(3), _key(4), STRANGER);
        anchors.registerArea(OTHER, _key(3), _key(4), STRANGER);
        require(anchors.operatorOf(OTHER) == STRANGER, "operatorOf");
    }

    function testAreaExists() public {
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.AreaExists.selector, AREA));
        anchors.registerArea(AREA, _key(1), _key(2), OPERATOR);
    }

    function testFuzzOnlyOwnerRegisters(address sender) public {
        vm.assume(sender != address(this));
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotOwner.selector));
        anchors.registerArea(OTHER, _key(1), _key(2), OPERATOR);
    }

    function _refuseArea(bytes32 area) private {
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.BadArea.selector));
        anchors.registerArea(area, _key(1), _key(2), OPERATOR);
    }

    function testBadAreas() public {
        _refuseArea(0);
        _refuseArea("-east");
        _refuseArea("East");
        _refuseArea("e_st");
        _refuseArea("e st");
        _refuseArea(bytes32("a") | bytes32(uint256(1))); // something after the padding began
        _refuseArea("abcdefghijklmnopqrstuvwxyz012345"); // 32 characters
        anchors.registerArea("abcdefghijklmnopqrstuvwxyz-0123", _key(1), _key(2), OPERATOR); // 31
        anchors.registerArea("0", _key(1), _key(2), OPERATOR);
    }

    function testFuzzAreaAsASlowCheckSays(bytes32 area) public {
        // The same rule, spelled differently.
        uint256 length = 32;
        while (length > 0 && area[length - 1] == 0) --length;
        bool valid = length >= 1 && length <= 31 && area[0] != "-";
        bytes memory letters = "abcdefghijklmnopqrstuvwxyz0123456789-";
        for (uint256 i = 0; i < length && valid; ++i) {
            bool found = false;
            for (uint256 j = 0; j < letters.length; ++j) found = found || letters[j] == area[i];
            valid = found;
        }
        if (valid && area == AREA) return;
        if (!valid) _refuseArea(area);
        else anchors.registerArea(area, _key(1), _key(2), OPERATOR);
    }

    function testBadKeys() public {
        bytes memory compressed = _key(1);
        compressed[0] = 0x02;
        bytes[4] memory bad = [bytes(""), new bytes(64), compressed, abi.encodePacked(_key(1), uint8(0))];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(PowerAnchor.BadKey.selector));
            anchors.registerArea(OTHER, bad[i], _key(2), OPERATOR);
            vm.expectRevert(abi.encodeWithSelector(PowerAnchor.BadKey.selector));
            anchors.registerArea(OTHER, _key(1), bad[i], OPERATOR);
        }
    }

    function testBadOperator() public {
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.BadAddress.selector));
        anchors.registerArea(OTHER, _key(1), _key(2), address(0));
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.BadAddress.selector));
        anchors.setOperator(AREA, address(0));
    }

    function testSetOperator() public {
        _anchorAs(OPERATOR, _checkpoint(1));
        vm.expectEmit(true, true, true, true, address(anchors));
        emit OperatorChanged(AREA, STRANGER);
        anchors.setOperator(AREA, STRANGER);
        _expectRefusal(abi.encodeWithSelector(PowerAnchor.NotOperator.selector, AREA), _checkpoint(2));
        _anchorAs(STRANGER, _checkpoint(2));
        require(anchors.rootOf(AREA, 1) == _checkpoint(1).root, "a root was lost");
    }

    function testSetOperatorIsTheOwners() public {
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotOwner.selector));
        anchors.setOperator(AREA, STRANGER);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.UnknownArea.selector, OTHER));
        anchors.setOperator(OTHER, STRANGER);
    }
}

contract KeysTest is AnchorFixture {
    event KeysRotated(bytes32 indexed area, uint64 indexed batch, bytes authorityKey, bytes serviceKey);

    function testRotateKeysTells() public {
        _anchorUpTo(2);
        vm.expectEmit(true, true, true, true, address(anchors));
        emit KeysRotated(AREA, 3, _key(3), _key(4));
        anchors.rotateKeys(AREA, 3, _key(3), _key(4));
        vm.expectEmit(true, true, true, true, address(anchors));
        emit KeysRotated(AREA, 9, _key(5), _key(6));
        anchors.rotateKeys(AREA, 9, _key(5), _key(6));
        _anchorAs(OPERATOR, _checkpoint(3));
    }

    function testFuzzOnlyBatchesToCome(uint64 batch) public {
        _anchorUpTo(2);
        if (batch <= 2) vm.expectRevert(abi.encodeWithSelector(PowerAnchor.WrongBatch.selector, AREA, uint64(3)));
        anchors.rotateKeys(AREA, batch, _key(3), _key(4));
    }

    function testRotateKeysRefuses() public {
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.UnknownArea.selector, OTHER));
        anchors.rotateKeys(OTHER, 1, _key(1), _key(2));
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.BadKey.selector));
        anchors.rotateKeys(AREA, 1, "", _key(2));
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.BadKey.selector));
        anchors.rotateKeys(AREA, 1, _key(1), new bytes(65));
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotOwner.selector));
        anchors.rotateKeys(AREA, 1, _key(1), _key(2));
    }
}

contract PauseTest is AnchorFixture {
    event Paused(bytes32 indexed area, address indexed by);
    event Resumed(bytes32 indexed area);

    function testPausedAreaTakesNothing() public {
        _anchorUpTo(1);
        vm.expectEmit(true, true, true, true, address(anchors));
        emit Paused(AREA, OPERATOR);
        vm.prank(OPERATOR);
        anchors.pause(AREA);
        require(anchors.isPaused(AREA) && !anchors.isPaused(OTHER), "isPaused");
        _expectRefusal(abi.encodeWithSelector(PowerAnchor.IsPaused.selector, AREA), _checkpoint(2));
        // Its operator can't resume it: the key may be the reason.
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotOwner.selector));
        anchors.resume(AREA);
        anchors.setOperator(AREA, STRANGER);
        require(anchors.isPaused(AREA), "another operator ends no pause");
        vm.expectEmit(true, true, true, true, address(anchors));
        emit Resumed(AREA);
        anchors.resume(AREA);
        _anchorAs(STRANGER, _checkpoint(2));
    }

    function testOthersGoOn() public {
        anchors.registerArea(OTHER, _key(1), _key(2), OPERATOR);
        anchors.pause(OTHER);
        _anchorUpTo(2);
    }

    function testFuzzWhoMayPause(address sender) public {
        vm.assume(sender != OPERATOR && sender != address(this));
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotOperator.selector, AREA));
        anchors.pause(AREA);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.UnknownArea.selector, OTHER));
        anchors.pause(OTHER);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.UnknownArea.selector, OTHER));
        anchors.resume(OTHER);
    }
}

contract WitnessTest is AnchorFixture {
    event Attested(bytes32 indexed area, uint64 indexed batch, address indexed witness, bytes32 root);
    event WitnessRegistered(address indexed witness);
    event WitnessRemoved(address indexed witness);

    function setUp() public override {
        super.setUp();
        _anchorUpTo(2);
    }

    function testAttest() public {
        vm.expectEmit(true, true, true, true, address(anchors));
        emit WitnessRegistered(WITNESS);
        anchors.registerWitness(WITNESS);
        bytes32 root = anchors.rootOf(AREA, 1);
        vm.expectEmit(true, true, true, true, address(anchors));
        emit Attested(AREA, 1, WITNESS, root);
        vm.prank(WITNESS);
        anchors.attest(AREA, 1, root);
    }

    function testRemovedWitness() public {
        anchors.registerWitness(WITNESS);
        vm.expectEmit(true, true, true, true, address(anchors));
        emit WitnessRemoved(WITNESS);
        anchors.removeWitness(WITNESS);
        bytes32 root = anchors.rootOf(AREA, 1);
        vm.prank(WITNESS);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotWitness.selector));
        anchors.attest(AREA, 1, root);
    }

    function testFuzzAttestsOnlyTheRoot(uint64 batch, bytes32 root) public {
        anchors.registerWitness(WITNESS);
        vm.assume(root != anchors.rootOf(AREA, 1) && root != anchors.rootOf(AREA, 2));
        vm.prank(WITNESS);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.WrongRoot.selector, AREA));
        anchors.attest(AREA, batch, root);
    }

    function testNoRootIsNoRoot() public {
        anchors.registerWitness(WITNESS);
        vm.prank(WITNESS);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.WrongRoot.selector, AREA));
        anchors.attest(AREA, 3, 0);
    }

    function testOnlyOwnerNamesWitnesses() public {
        vm.startPrank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotOwner.selector));
        anchors.registerWitness(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotOwner.selector));
        anchors.removeWitness(WITNESS);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.BadAddress.selector));
        anchors.registerWitness(address(0));
    }
}

contract OwnershipTest is AnchorFixture {
    event OwnershipOffered(address indexed owner, address indexed pendingOwner);
    event OwnershipTransferred(address indexed previousOwner, address indexed owner);

    function testTwoSteps() public {
        vm.expectEmit(true, true, true, true, address(anchors));
        emit OwnershipOffered(address(this), STRANGER);
        anchors.transferOwnership(STRANGER);
        require(anchors.owner() == address(this) && anchors.pendingOwner() == STRANGER, "too early");
        vm.expectEmit(true, true, true, true, address(anchors));
        emit OwnershipTransferred(address(this), STRANGER);
        vm.prank(STRANGER);
        anchors.acceptOwnership();
        require(anchors.owner() == STRANGER && anchors.pendingOwner() == address(0), "not handed over");
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotOwner.selector));
        anchors.registerWitness(WITNESS);
    }

    function testOfferMayBeWithdrawn() public {
        anchors.transferOwnership(STRANGER);
        anchors.transferOwnership(address(0));
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotPendingOwner.selector));
        anchors.acceptOwnership();
    }

    function testFuzzNobodyElse(address sender) public {
        vm.assume(sender != address(this) && sender != STRANGER);
        anchors.transferOwnership(STRANGER);
        vm.startPrank(sender);
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotPendingOwner.selector));
        anchors.acceptOwnership();
        vm.expectRevert(abi.encodeWithSelector(PowerAnchor.NotOwner.selector));
        anchors.transferOwnership(sender);
        vm.stopPrank();
    }
}
