/**
 * `effect-plasmite/http`: pools over HTTP, both ends. The API as a value, a server over any `Pools`, and `Pools` on somebody
 * else's machine.
 *
 * @since 0.1.0
 */
export { Api } from "./Api.js"
export * as ApiError from "./api/ApiError.js"
export * as Models from "./api/models.js"
export * as Client from "./Client.js"
export { openApi } from "./openApi.js"
export * as PoolServer from "./PoolServer.js"
export * as ServerOptions from "./ServerOptions.js"
export * as RemotePools from "./RemotePools.js"
