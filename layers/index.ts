/// <reference types="node" preserve="true" />
/**
 * `effect-plasmite/node`: everything that touches the machine, and pools for programs without Effect, of this machine and of
 * others, in the shape of upstream's Node binding.
 *
 * @since 0.1.0
 */
export * as DiskDurability from "./DiskDurability.js"
export * as FilePoolStorage from "./FilePoolStorage.js"
export * as JqMessageFilter from "./JqMessageFilter.js"
export * as MmapPoolStorage from "./MmapPoolStorage.js"
export * as NodePools from "./NodePools.js"
export * as OsPoolLock from "./OsPoolLock.js"
export * as PollPoolNotify from "./PollPoolNotify.js"
export * as WatchPoolNotify from "./WatchPoolNotify.js"
export { Client, DEFAULT_POOL_DIR, DEFAULT_POOL_SIZE, DEFAULT_POOL_SIZE_BYTES } from "./client/Client.js"
export { ErrorKind, PlasmiteNativeError } from "./client/ClientError.js"
export {
  type Lite3Frame,
  Message,
  type MessageEnvelope,
  type MessageMeta,
  parseMessage
} from "./client/ClientMessage.js"
export {
  type AppendOptions,
  Durability,
  type LocalTailOptions,
  type NewMessage,
  Pool,
  type PoolPromises,
  replay,
  type ReplayOptions
} from "./client/ClientPool.js"
export { Lite3Stream, Stream } from "./client/MessageStream.js"
export { RemoteClient, type RemoteClientOptions, type RemotePoolInfo } from "./client/remote/RemoteClient.js"
export { RemoteError } from "./client/remote/RemoteError.js"
export { RemotePool, type RemoteTailOptions } from "./client/remote/RemotePool.js"
