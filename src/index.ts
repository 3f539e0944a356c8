/**
 * `effect-plasmite`: models, errors and services. Imports `effect` only; layers for a machine are in
 * `effect-plasmite/node`, layers for tests in `effect-plasmite/testing`.
 *
 * @since 0.1.0
 */
export * as Consumer from "./Consumer.js"
export * as Durability from "./Durability.js"
export * as EncodedPool from "./EncodedPool.js"
export * as Fanout from "./Fanout.js"
export { type JsonObject, type JsonValue, Message, Receipt } from "./Message.js"
export * as MessageFilter from "./MessageFilter.js"
export * as ObservedPools from "./ObservedPools.js"
export * as Pool from "./Pool.js"
export * as PoolConfig from "./PoolConfig.js"
export type { CursorPosition, CursorState, ListedCursor, OpenCursor, PoolCursors } from "./PoolCursors.js"
export { hasReason, isPoolError, PoolError, type PoolErrorFacts, type PoolErrorReason } from "./PoolError.js"
export type {
  PoolBounds,
  PoolCursor,
  PoolInfo,
  PoolIssue,
  PoolListing,
  PoolMetrics,
  PoolRepair,
  PoolVerification,
  ReadablePoolListing,
  SeqRange,
  UnreadablePoolListing
} from "./PoolInfo.js"
export * as PoolLock from "./PoolLock.js"
export * as PoolLogger from "./PoolLogger.js"
export * as PoolNotify from "./PoolNotify.js"
export * as PoolRef from "./PoolRef.js"
export { type CreateOptions, layer, type OpenOptions, Pools, type RepairOptions } from "./Pools.js"
export * as PoolStorage from "./PoolStorage.js"
export * as RequestReply from "./RequestReply.js"
export * as TypedPool from "./TypedPool.js"
