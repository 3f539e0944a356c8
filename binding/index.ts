/// <reference types="node" preserve="true" />
/**
 * `effect-plasmite/node`: everything that touches the machine, and pools for programs without Effect, of this machine and of
 * others, in the shape of upstream's Node binding.
 *
 * @since 0.1.0
 */
export * as DiskDurability from "../layers/DiskDurability.js"
export * as FilePoolStorage from "../layers/FilePoolStorage.js"
export * as JqMessageFilter from "../layers/JqMessageFilter.js"
export * as MmapPoolStorage from "../layers/MmapPoolStorage.js"
export * as NodePools from "../layers/NodePools.js"
export * as OsPoolLock from "../layers/OsPoolLock.js"
export * as PollPoolNotify from "../layers/PollPoolNotify.js"
export * as WatchPoolNotify from "../layers/WatchPoolNotify.js"
export { Client, DEFAULT_POOL_DIR, DEFAULT_POOL_SIZE, DEFAULT_POOL_SIZE_BYTES } from "./Client.js"
export { ErrorKind, PlasmiteNativeError } from "./ClientError.js"
export { type Lite3Frame, Message, type MessageEnvelope, type MessageMeta, parseMessage } from "./ClientMessage.js"
export {
  type AppendOptions,
  Durability,
  type LocalTailOptions,
  type NewMessage,
  Pool,
  type PoolPromises,
  replay,
  type ReplayOptions
} from "./ClientPool.js"
export { Lite3Stream, Stream } from "./MessageStream.js"
export { RemoteClient, type RemoteClientOptions, type RemotePoolInfo } from "./remote/RemoteClient.js"
export { RemoteError } from "./remote/RemoteError.js"
export { RemotePool, type RemoteTailOptions } from "./remote/RemotePool.js"
