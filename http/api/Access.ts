/**
 * What an endpoint does to pools, said once at its declaration: the server's access mode and token are checked by it, for
 * every route, before anything of a request but its method and path has been looked at.
 *
 * @since 0.1.0
 */
import * as HttpApiMiddleware from "@effect/platform/HttpApiMiddleware"
import * as HttpApiSecurity from "@effect/platform/HttpApiSecurity"
import * as Context from "effect/Context"

/**
 * `read` and `write` need the token, where there is one, and an access mode that allows them. `guarded` needs the token
 * only. `open` is for everybody. `describe` is a read that a write-only server answers in part.
 *
 * @since 0.1.0
 * @category models
 */
export type AccessKind = "read" | "write" | "describe" | "guarded" | "open"

/**
 * The annotation of an endpoint that says what it does.
 *
 * @since 0.1.0
 * @category annotations
 */
export class Access extends Context.Tag("effect-plasmite/http/Access")<Access, AccessKind>() {}

/**
 * `Authorization: Bearer TOKEN`, for every endpoint that is not `open`.
 *
 * @since 0.1.0
 * @category security
 */
export class BearerToken extends HttpApiMiddleware.Tag<BearerToken>()("effect-plasmite/http/BearerToken", {
  security: { bearer: HttpApiSecurity.bearer }
}) {}
