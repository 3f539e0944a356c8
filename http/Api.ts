/**
 * The protocol as a value: every route with what it takes and gives. The server's route table, its checks, the OpenAPI
 * document and the typed client are all made of it, so they cannot disagree. Version 0 of upstream's protocol, plus
 * routes and parameters that its programs ignore.
 *
 * @since 0.1.0
 */
import * as HttpApi from "@effect/platform/HttpApi"
import * as OpenApi from "@effect/platform/OpenApi"
import { BearerToken } from "./api/Access.js"
import { BadRequest, Busy, Forbidden, ServerFailure, Unauthorized } from "./api/ApiError.js"
import { CursorsApi } from "./api/CursorsApi.js"
import { MessagesApi } from "./api/MessagesApi.js"
import { PageApi } from "./api/PageApi.js"
import { PoolsApi } from "./api/PoolsApi.js"
import { ServerApi } from "./api/ServerApi.js"
import { TailsApi } from "./api/TailsApi.js"

/**
 * @since 0.1.0
 * @category api
 */
export const Api = HttpApi.make("plasmite")
  .add(PoolsApi)
  .add(MessagesApi)
  .add(TailsApi)
  .add(CursorsApi)
  .add(PageApi)
  .add(ServerApi)
  .addError(BadRequest)
  .addError(Unauthorized)
  .addError(Forbidden)
  .addError(Busy)
  .addError(ServerFailure)
  .middleware(BearerToken)
  .annotate(OpenApi.Title, "Plasmite pools")
  .annotate(OpenApi.Version, "0")
  .annotate(
    OpenApi.Description,
    "Persistent JSON message pools over HTTP: version 0 of plasmite's remote protocol. Every response carries " +
      "`plasmite-version: 0`; every failure is an error envelope."
  )
