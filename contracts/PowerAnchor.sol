// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title Checkpoints of Power Tracker's logs
/// @notice One growing RFC 6962 tree per area; each batch adds one checkpoint, and no call removes
/// or replaces one. Times are milliseconds since 1970, UTC. docs/PROTOCOL.md section 6.
contract PowerAnchor {
    struct Checkpoint {
        bytes32 area;
        uint64 batch;
        uint64 size;
        uint64 from;
        uint64 to;
        bytes32 root;
        bytes cid;
    }

    struct Head {
        uint64 batch;
        uint64 size;
        uint64 to;
    }

    struct Area {
        address operator; // zero: not registered
        Head head; // one slot
        mapping(uint256 batch => bytes32) roots;
        // Four batches a slot, written at even batches with the one before: the size of an odd
        // newest batch stands in the head alone. Saves a storage write at every second batch.
        mapping(uint256 group => uint256) sizes;
    }

    uint256 private constant CID_MAX = 64;
    uint256 private constant KEY_SIZE = 65;
    uint256 private constant CLOCK_TOLERANCE = 60_000; // ms
    uint256 private constant PATH_MAX = 64;
    uint256 private constant GROWTH_MAX = 2 ** 40; // leaves a batch: more than any area fills

    address public owner;
    address public pendingOwner;
    mapping(address account => bool) public isWitness;
    mapping(bytes32 area => Area) private areas;

    event AreaRegistered(bytes32 indexed area, bytes authorityKey, bytes serviceKey, address operator);
    event OperatorChanged(bytes32 indexed area, address operator);
    event Anchored(
        bytes32 indexed area, uint64 indexed batch, uint64 size, uint64 from, uint64 to, bytes32 root, bytes cid
    );
    event Attested(bytes32 indexed area, uint64 indexed batch, address indexed witness, bytes32 root);
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

    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert NotPendingOwner();
        emit OwnershipTransferred(owner, msg.sender);
        owner = msg.sender;
        pendingOwner = address(0);
    }

    function registerWitness(address witness) external onlyOwner {
        if (witness == address(0)) revert BadAddress();
        isWitness[witness] = true;
        emit WitnessRegistered(witness);
    }

    function removeWitness(address witness) external onlyOwner {
        isWitness[witness] = false;
        emit WitnessRemoved(witness);
    }

    /// @notice The keys of an area stand for ever. They are SEC 1 uncompressed P-256 points.
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
