// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Checkpoint, CheckpointLine} from "./Checkpoint.sol";
import {PeriodTree} from "./PeriodTree.sol";
import {ReportSignature} from "./ReportSignature.sol";

/// @title Checkpoints of Power Tracker's logs
/// @notice One growing RFC 6962 tree per area; each batch adds one checkpoint, and no call removes
/// or replaces one. Times are milliseconds since 1970, UTC. docs/PROTOCOL.md sections 6 and 14.
///
/// Roles: the owner registers areas, keys, operators and witnesses, and hands itself over in two steps; each area's
/// operator anchors its batches one by one, the operator of period mode one root for all areas; witnesses attest what
/// they have done again. Whatever is only shown or proven anybody may do.
contract PowerAnchor {
    using PeriodTree for PeriodTree.Tree;

    /// Where a checkpoint stands: which line of which period, with the paths of RFC 9162 section 2.1.3.
    struct Place {
        uint64 period; // 0: nowhere; it is one that the contract knows by its root and size
        bytes32 root; // over the lines of the period
        uint32 count; // of these lines
        uint32 index; // of the checkpoint's
        bytes32[] path; // from the line to root
        bytes32[] periodPath; // from the period's leaf on in the tree of periods
    }

    struct Head {
        uint64 batch;
        uint64 size;
        uint64 to;
    }

    struct Area {
        address operator; // zero: not registered
        bool isPaused; // beside the operator in one slot
        Head head; // one slot
        mapping(uint256 batch => bytes32) roots;
        // Four batches a slot, written at even batches with the one before: the size of an odd
        // newest batch stands in the head alone. Saves a storage write at every second batch.
        mapping(uint256 group => uint256) sizes;
    }

    uint256 private constant CID_MAX = 64;
    uint256 private constant CID_SIZE = 36; // of those that have a line in a period file
    uint256 private constant ADDRESS_BITS = 160;
    uint256 private constant KEY_SIZE = 65;
    uint256 private constant CLOCK_TOLERANCE = 60_000; // ms
    uint256 private constant PATH_MAX = 64;
    uint256 private constant GROWTH_MAX = 2 ** 40; // leaves a batch: more than any area fills

    address public owner;
    address public pendingOwner;
    mapping(address account => bool) public isWitness;
    mapping(bytes32 area => Area) private areas;
    /// Of period mode: its operator (zero: there is none), and in the bits above it the newest period. The one word of
    /// which every period changes something, besides the tree's.
    uint256 private periodMode;
    PeriodTree.Tree private periodTree;

    event AreaRegistered(bytes32 indexed area, bytes authorityKey, bytes serviceKey, address operator);
    event OperatorChanged(bytes32 indexed area, address operator);
    event Anchored(
        bytes32 indexed area, uint64 indexed batch, uint64 size, uint64 from, uint64 to, bytes32 root, bytes cid
    );
    event Attested(bytes32 indexed area, uint64 indexed batch, address indexed witness, bytes32 root);
    /// From `batch` on the area's log is held against these keys.
    event KeysRotated(bytes32 indexed area, uint64 indexed batch, bytes authorityKey, bytes serviceKey);
    event Paused(bytes32 indexed area, address indexed by);
    event Resumed(bytes32 indexed area);
    event PeriodOperatorChanged(address indexed operator);
    event PeriodAnchored(uint64 indexed period, bytes32 root, uint32 count, bytes cid);
    event PeriodAttested(uint64 indexed period, address indexed witness, bytes32 root);
    /// A checkpoint of a period is among those that the contract knows one by one.
    event Lifted(
        bytes32 indexed area,
        uint64 indexed batch,
        uint64 indexed period,
        uint64 size,
        uint64 from,
        uint64 to,
        bytes32 root,
        bytes cid
    );
    /// Somebody who could sign for the area's log has said two things of which not both can be true. Period 0: what
    /// the contract knew already.
    event ConflictProven(
        bytes32 indexed area,
        uint64 indexed batch,
        uint64 indexed otherBatch,
        uint64 period,
        uint64 otherPeriod,
        bytes32 root,
        bytes32 otherRoot
    );
    event WitnessRegistered(address indexed witness);
    event WitnessRemoved(address indexed witness);
    event OwnershipOffered(address indexed owner, address indexed pendingOwner);
    event OwnershipTransferred(address indexed previousOwner, address indexed owner);

    error NotOwner();
    error NotPendingOwner();
    error NotOperator(bytes32 area);
    error NotWitness();
    error BadArea();
    error BadKey();
    error BadAddress();
    error AreaExists(bytes32 area);
    error UnknownArea(bytes32 area);
    error NothingToAnchor();
    error WrongBatch(bytes32 area, uint64 expected);
    error WrongSize(bytes32 area, uint64 latest);
    error WrongFrom(bytes32 area, uint64 expected);
    error WrongWindow(bytes32 area, uint64 limit);
    error WrongRoot(bytes32 area);
    error WrongCid(bytes32 area);
    error IsPaused(bytes32 area);
    error NotPeriodOperator();
    error WrongPeriod(uint64 expected);
    error BadPeriod();
    error WrongProof(bytes32 area);
    error NoConflict(bytes32 area);

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner();
        _;
    }

    constructor() {
        owner = msg.sender;
        emit OwnershipTransferred(address(0), msg.sender);
    }

    /// @notice Offers the ownership; it changes hands when the new owner accepts, so that a mistyped
    /// address loses nothing. The zero address withdraws an offer.
    function transferOwnership(address newOwner) external onlyOwner {
        pendingOwner = newOwner;
        emit OwnershipOffered(owner, newOwner);
    }

    /// @notice Whom the ownership was offered to takes it.
    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert NotPendingOwner();
        emit OwnershipTransferred(owner, msg.sender);
        owner = msg.sender;
        pendingOwner = address(0);
    }

    /// @notice The account may attest from now on.
    function registerWitness(address witness) external onlyOwner {
        if (witness == address(0)) revert BadAddress();
        isWitness[witness] = true;
        emit WitnessRegistered(witness);
    }

    /// @notice The account may attest no more; what it attested stays.
    function removeWitness(address witness) external onlyOwner {
        isWitness[witness] = false;
        emit WitnessRemoved(witness);
    }

    /// @notice An area is registered once. The keys are SEC 1 uncompressed P-256 points and hold from batch 1 on.
    function registerArea(bytes32 area, bytes calldata authorityKey, bytes calldata serviceKey, address operator)
        external
        onlyOwner
    {
        if (!_isAreaId(area)) revert BadArea();
        if (!_isKey(authorityKey) || !_isKey(serviceKey)) revert BadKey();
        if (operator == address(0)) revert BadAddress();
        Area storage state = areas[area];
        if (state.operator != address(0)) revert AreaExists(area);
        state.operator = operator;
        emit AreaRegistered(area, authorityKey, serviceKey, operator);
    }

    /// @notice Another account anchors the area from now on: for an operator's key that was lost.
    function setOperator(bytes32 area, address operator) external onlyOwner {
        if (operator == address(0)) revert BadAddress();
        Area storage state = areas[area];
        if (state.operator == address(0)) revert UnknownArea(area);
        state.operator = operator;
        emit OperatorChanged(area, operator);
    }

    /// @notice The area's log is signed with these keys from `batch` on, which is later than the newest batch that the
    /// contract knows. Who follows the events refuses one of a batch that was anchored, in a period too, before them.
    function rotateKeys(bytes32 area, uint64 batch, bytes calldata authorityKey, bytes calldata serviceKey)
        external
        onlyOwner
    {
        if (!_isKey(authorityKey) || !_isKey(serviceKey)) revert BadKey();
        Area storage state = areas[area];
        if (state.operator == address(0)) revert UnknownArea(area);
        uint64 newest = state.head.batch;
        if (batch <= newest) revert WrongBatch(area, newest + 1);
        emit KeysRotated(area, batch, authorityKey, serviceKey);
    }

    /// @notice Nothing is anchored or lifted for the area until the owner resumes it. The owner may do so, and the
    /// area's operator, whose key was stolen perhaps.
    function pause(bytes32 area) external {
        Area storage state = areas[area];
        if (state.operator == address(0)) revert UnknownArea(area);
        if (msg.sender != state.operator && msg.sender != owner) revert NotOperator(area);
        state.isPaused = true;
        emit Paused(area, msg.sender);
    }

    /// @notice Ends a pause.
    function resume(bytes32 area) external onlyOwner {
        Area storage state = areas[area];
        if (state.operator == address(0)) revert UnknownArea(area);
        state.isPaused = false;
        emit Resumed(area);
    }

    /// @notice The account that anchors periods from now on; the zero address for none. The first time all words are
    /// made that periods overwrite.
    function setPeriodOperator(address operator) external onlyOwner {
        periodTree.prepare();
        periodMode = periodMode >> ADDRESS_BITS << ADDRESS_BITS | uint160(operator);
        emit PeriodOperatorChanged(operator);
    }

    /// @notice Anchors the checkpoints of all areas of one period: `count` lines of the file that `cid` names, with
    /// `root` over them. What they say is not looked at here, but by whoever reads the file, and by lift and conflict.
    function anchorPeriod(uint64 period, bytes32 root, uint32 count, bytes calldata cid) external {
        uint256 mode = periodMode;
        if (address(uint160(mode)) != msg.sender) revert NotPeriodOperator();
        uint256 newest = mode >> ADDRESS_BITS;
        unchecked {
            if (period != newest + 1) revert WrongPeriod(uint64(newest + 1));
            // One after the other, which costs less than all in one.
            if (root == bytes32(0)) revert BadPeriod();
            if (count == 0) revert BadPeriod();
            if (cid.length - 1 >= CID_MAX) revert BadPeriod();
            periodMode = mode + (1 << ADDRESS_BITS);
        }
        periodTree.append(newest, _periodLeaf(period, root, count));
        emit PeriodAnchored(period, root, count, cid);
    }

    /// @notice A checkpoint of a period becomes one that rootOf, sizeOf and verifyInclusion know, and latest if it is
    /// the newest of its area. Anybody may; nothing changes for one that is known already. Batches may be left out: then
    /// it has to leave room for them, of times and of leaves, and each of them may be lifted later.
    function lift(Checkpoint calldata checkpoint, Place calldata place) external {
        bytes32 area = checkpoint.area;
        Area storage state = areas[area];
        if (state.operator == address(0)) revert UnknownArea(area);
        if (state.isPaused) revert IsPaused(area);
        if (place.period == 0 || !_stands(checkpoint, place)) revert WrongProof(area);
        uint64 batch = checkpoint.batch;
        bytes32 known = state.roots[batch];
        if (known != bytes32(0)) {
            if (known != checkpoint.root) revert WrongRoot(area);
            if (_sizeOf(state, batch) != checkpoint.size) revert WrongSize(area, _sizeOf(state, batch));
            return;
        }
        Head memory head = state.head;
        _checkLift(checkpoint, head);
        state.roots[batch] = checkpoint.root;
        _keepSize(state, batch, checkpoint.size);
        if (batch > head.batch) {
            if (head.batch != 0) _keepSize(state, head.batch, head.size);
            state.head = Head(batch, checkpoint.size, checkpoint.to);
        }
        emit Lifted(
            area,
            batch,
            place.period,
            checkpoint.size,
            checkpoint.from,
            checkpoint.to,
            checkpoint.root,
            checkpoint.cid
        );
    }

    /// @notice Records for ever that two checkpoints of one area can't both be true. Anybody may. A place of period 0
    /// stands for what the contract knows of the batch, its root and size: then only these two are compared.
    function conflict(Checkpoint calldata a, Place calldata placeA, Checkpoint calldata b, Place calldata placeB)
        external
    {
        bytes32 area = a.area;
        if (b.area != area || !_isAreaId(area)) revert BadArea();
        if (!_stands(a, placeA) || !_stands(b, placeB)) revert WrongProof(area);
        if (!_conflicts(a, b, placeA.period != 0 && placeB.period != 0)) revert NoConflict(area);
        emit ConflictProven(area, a.batch, b.batch, placeA.period, placeB.period, a.root, b.root);
    }

    /// @notice A witness re-did all batches of the period, and found this root.
    function attestPeriod(uint64 period, bytes32 root, uint32 count, bytes32[] calldata path) external {
        if (!isWitness[msg.sender]) revert NotWitness();
        if (!verifyPeriod(period, root, count, path)) revert BadPeriod();
        emit PeriodAttested(period, msg.sender, root);
    }

    /// @notice All or nothing. An area may occur more than once, its batches in order.
    function anchor(Checkpoint[] calldata checkpoints) external {
        uint256 count = checkpoints.length;
        if (count == 0) revert NothingToAnchor();
        for (uint256 i = 0; i < count; ++i) {
            _anchor(checkpoints[i]);
        }
    }

    /// @notice A witness re-did the batch and found this root.
    function attest(bytes32 area, uint64 batch, bytes32 root) external {
        if (!isWitness[msg.sender]) revert NotWitness();
        if (root == bytes32(0) || root != areas[area].roots[batch]) revert WrongRoot(area);
        emit Attested(area, batch, msg.sender, root);
    }

    /// @notice The newest checkpoint; zeros for an area that has none or is not registered.
    function latest(bytes32 area) external view returns (uint64 batch, uint64 size, uint64 to, bytes32 root) {
        Area storage state = areas[area];
        Head memory head = state.head;
        return (head.batch, head.size, head.to, state.roots[head.batch]);
    }

    /// @notice Zero for a batch that was not anchored.
    function rootOf(bytes32 area, uint64 batch) external view returns (bytes32) {
        return areas[area].roots[batch];
    }

    /// @notice Leaves of the tree after the batch; zero for a batch that was not anchored.
    function sizeOf(bytes32 area, uint64 batch) external view returns (uint64) {
        return _sizeOf(areas[area], batch);
    }

    /// @notice Zero for an area that is not registered.
    function operatorOf(bytes32 area) external view returns (address) {
        return areas[area].operator;
    }

    /// @notice Whether nothing may be anchored for the area now.
    function isPaused(bytes32 area) external view returns (bool) {
        return areas[area].isPaused;
    }

    /// @notice Who anchors periods (zero: nobody), the newest period (0: none yet), and of the tree of all periods its
    /// root and its frontier.
    function periods()
        external
        view
        returns (address operator, uint64 newest, bytes32 root, bytes32[] memory frontier)
    {
        operator = address(uint160(periodMode));
        newest = uint64(periodMode >> ADDRESS_BITS);
        (frontier, root) = periodTree.frontier(newest);
    }

    /// @notice Whether the period was anchored with this root over so many checkpoints. `path` is that of its leaf in
    /// the tree of periods (RFC 9162 section 2.1.3), now or since its complete subtree last grew.
    function verifyPeriod(uint64 period, bytes32 root, uint32 count, bytes32[] calldata path)
        public
        view
        returns (bool)
    {
        if (period == 0 || path.length > PATH_MAX) return false;
        return periodTree.holds(periodMode >> ADDRESS_BITS, period - 1, _periodLeaf(period, root, count), path);
    }

    /// @notice Whether the device with `key` (SEC 1 uncompressed) signed the report `entry`, a line of a log with its
    /// exact bytes. Reverts with NoPrecompile on a chain that can't tell (EIP-7951). That the line is in the log, and
    /// the key the device's, are two questions for verifyInclusion.
    function verifyReport(bytes calldata entry, bytes calldata key) external view returns (bool) {
        return ReportSignature.verify(entry, key);
    }

    /// @notice Whether `entry` is leaf `index` of the area's tree as it was after `batch`
    /// (RFC 9162 section 2.1.3.2).
    function verifyInclusion(
        bytes32 area,
        uint64 batch,
        uint64 index,
        bytes calldata entry,
        bytes32[] calldata path
    ) external view returns (bool) {
        Area storage state = areas[area];
        uint256 size = _sizeOf(state, batch);
        if (index >= size || path.length > PATH_MAX) return false;
        return _rootFrom(index, size - 1, sha256(abi.encodePacked(bytes1(0x00), entry)), path) == state.roots[batch];
    }

    function _anchor(Checkpoint calldata checkpoint) private {
        bytes32 area = checkpoint.area;
        Area storage state = areas[area];
        Head memory head = state.head;
        uint64 batch = checkpoint.batch;
        if (msg.sender != state.operator) {
            if (state.operator == address(0)) revert UnknownArea(area);
            revert NotOperator(area);
        }
        if (state.isPaused) revert IsPaused(area);
        _check(checkpoint, head);
        state.roots[batch] = checkpoint.root;
        if (batch & 1 == 0) {
            // Batch n has place n - 1: this one and the one before lie in one group.
            uint256 place = ((batch - 2) & 3) << 6;
            state.sizes[(batch - 2) >> 2] |= uint256(head.size) << place | uint256(checkpoint.size) << (place + 64);
        }
        state.head = Head(batch, checkpoint.size, checkpoint.to);
        emit Anchored(
            area, batch, checkpoint.size, checkpoint.from, checkpoint.to, checkpoint.root, checkpoint.cid
        );
    }

    function _check(Checkpoint calldata checkpoint, Head memory head) private view {
        bytes32 area = checkpoint.area;
        if (checkpoint.batch != head.batch + 1) revert WrongBatch(area, head.batch + 1);
        uint256 size = checkpoint.size;
        if (size <= head.size || size > head.size + GROWTH_MAX) revert WrongSize(area, head.size);
        if (head.batch != 0 && checkpoint.from != head.to) revert WrongFrom(area, head.to);
        uint256 limit = block.timestamp * 1000 + CLOCK_TOLERANCE;
        if (checkpoint.from >= checkpoint.to || checkpoint.to > limit) revert WrongWindow(area, uint64(limit));
        if (checkpoint.root == bytes32(0)) revert WrongRoot(area);
        if (checkpoint.cid.length == 0 || checkpoint.cid.length > CID_MAX) revert WrongCid(area);
    }

    /// What can be said of a checkpoint though not all batches between it and the newest are known: each of these has
    /// a window of at least a millisecond, and from one leaf to GROWTH_MAX.
    function _checkLift(Checkpoint calldata checkpoint, Head memory head) private view {
        bytes32 area = checkpoint.area;
        uint256 batch = checkpoint.batch;
        uint256 size = checkpoint.size;
        if (batch == 0 || checkpoint.root == bytes32(0)) revert WrongRoot(area);
        uint256 limit = block.timestamp * 1000 + CLOCK_TOLERANCE;
        if (batch < head.batch) {
            uint256 less = head.batch - batch;
            if (size < batch || size + less > head.size || size + less * GROWTH_MAX < head.size) {
                revert WrongSize(area, head.size);
            }
            limit = head.to - less;
        } else {
            uint256 more = batch - head.batch;
            if (size < head.size + more || size > head.size + more * GROWTH_MAX) revert WrongSize(area, head.size);
            if (head.batch != 0 && more == 1 && checkpoint.from != head.to) revert WrongFrom(area, head.to);
            if (checkpoint.from < head.to + more - 1) revert WrongFrom(area, head.to);
        }
        if (checkpoint.from >= checkpoint.to || checkpoint.to > limit) revert WrongWindow(area, uint64(limit));
    }

    function _conflicts(Checkpoint calldata a, Checkpoint calldata b, bool whole) private pure returns (bool) {
        if (a.batch > b.batch) return _conflicts(b, a, whole);
        if (a.batch == b.batch) {
            if (a.root != b.root || a.size != b.size) return true;
            return whole && (a.from != b.from || a.to != b.to || keccak256(a.cid) != keccak256(b.cid));
        }
        if (b.size <= a.size) return true;
        if (!whole) return false;
        return b.batch - a.batch == 1 ? b.from != a.to : b.from < a.to;
    }

    /// Whether the checkpoint is a line of an anchored period, or of period 0 as the contract knows it.
    function _stands(Checkpoint calldata checkpoint, Place calldata place) private view returns (bool) {
        if (place.period == 0) {
            Area storage state = areas[checkpoint.area];
            bytes32 root = state.roots[checkpoint.batch];
            return root != bytes32(0) && root == checkpoint.root && _sizeOf(state, checkpoint.batch) == checkpoint.size;
        }
        if (checkpoint.cid.length != CID_SIZE || place.index >= place.count || place.path.length > PATH_MAX) return false;
        bytes32 top = _rootFrom(place.index, place.count - 1, CheckpointLine.leaf(checkpoint), place.path);
        return top == place.root && verifyPeriod(place.period, place.root, place.count, place.periodPath);
    }

    /// sha256 (0x00 || period || root || count), in the scratch space.
    function _periodLeaf(uint64 period, bytes32 root, uint32 count) private view returns (bytes32 leaf) {
        assembly ("memory-safe") {
            mstore(0, shl(184, period))
            mstore(9, root)
            mstore(41, shl(224, count))
            if iszero(staticcall(gas(), 2, 0, 45, 0, 32)) { revert(0, 0) }
            leaf := mload(0)
        }
    }

    function _keepSize(Area storage state, uint64 batch, uint64 size) private {
        uint256 index = batch - 1;
        state.sizes[index >> 2] |= uint256(size) << ((index & 3) << 6);
    }

    function _sizeOf(Area storage state, uint64 batch) private view returns (uint64) {
        Head memory head = state.head;
        if (batch == 0 || batch > head.batch) return 0;
        if (batch == head.batch) return head.size;
        uint256 index = batch - 1;
        return uint64(state.sizes[index >> 2] >> ((index & 3) << 6));
    }

    function _rootFrom(uint256 node, uint256 last, bytes32 hash, bytes32[] calldata path)
        private
        pure
        returns (bytes32)
    {
        for (uint256 i = 0; i < path.length; ++i) {
            if (last == 0) return 0;
            if (node & 1 == 1 || node == last) {
                hash = sha256(abi.encodePacked(bytes1(0x01), path[i], hash));
                while (node & 1 == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = sha256(abi.encodePacked(bytes1(0x01), hash, path[i]));
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 ? hash : bytes32(0);
    }

    function _isKey(bytes calldata key) private pure returns (bool) {
        return key.length == KEY_SIZE && key[0] == 0x04;
    }

    /// [a-z0-9][a-z0-9-]{0,30}, padded with zeros.
    function _isAreaId(bytes32 area) private pure returns (bool) {
        uint256 length = 0;
        while (length < 32 && area[length] != 0) ++length;
        if (length == 0 || length == 32 || uint256(area) << (length * 8) != 0) return false;
        for (uint256 i = 0; i < length; ++i) {
            bytes1 c = area[i];
            bool word = (c >= "a" && c <= "z") || (c >= "0" && c <= "9");
            if (!word && (c != "-" || i == 0)) return false;
        }
        return true;
    }
}
