/**
 * Pools: create, list, describe, delete. `/v0/ui/…` is what upstream's page asks; it is the same under another name.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import { Access } from "./Access.js"
import { AlreadyExists, BodyTooLarge, NotFound, UnsupportedMediaType } from "./ApiError.js"
import { CreatePool, Done, OpenPool, PoolAnswer, PoolsAnswer } from "./models.js"
import { poolParam } from "./parameters.js"

/**
 * @since 0.1.0
 * @category api
 */
export const PoolsApi = HttpApiGroup.make("pools")
  .add(
    HttpApiEndpoint.post("create", "/v0/pools")
      .setPayload(CreatePool)
      .addSuccess(PoolAnswer)
      .addError(AlreadyExists)
      .addError(BodyTooLarge)
      .addError(UnsupportedMediaType)
      .annotate(Access, "write")
      .annotate(OpenApi.Summary, "Create a pool")
  )
  .add(
    HttpApiEndpoint.get("list", "/v0/pools")
      .addSuccess(PoolsAnswer)
      .annotate(Access, "read")
      .annotate(OpenApi.Summary, "The pools by name")
  )
  .add(
    HttpApiEndpoint.post("open", "/v0/pools/open")
      .setPayload(OpenPool)
      .addSuccess(PoolAnswer)
      .addError(NotFound)
      .addError(BodyTooLarge)
      .addError(UnsupportedMediaType)
      .annotate(Access, "describe")
      .annotate(OpenApi.Summary, "Check that a pool is there")
      .annotate(OpenApi.Description, "Changes nothing. A write-only server tells sizes only.")
  )
  .add(
    HttpApiEndpoint.get("info")`/v0/pools/${poolParam}/info`
      .addSuccess(PoolAnswer)
      .addError(NotFound)
      .annotate(Access, "read")
      .annotate(OpenApi.Summary, "Sizes, bounds and fill of a pool")
  )
  .add(
    HttpApiEndpoint.del("remove")`/v0/pools/${poolParam}`
      .addSuccess(Done)
      .addError(NotFound)
      .annotate(Access, "write")
      .annotate(OpenApi.Summary, "Delete a pool")
  )
  .add(
    HttpApiEndpoint.get("uiList", "/v0/ui/pools")
      .addSuccess(PoolsAnswer)
      .annotate(Access, "read")
      .annotate(OpenApi.Summary, "The pools, for the page")
  )
  .add(
    HttpApiEndpoint.get("uiInfo")`/v0/ui/pools/${poolParam}/info`
      .addSuccess(PoolAnswer)
      .addError(NotFound)
      .annotate(Access, "read")
      .annotate(OpenApi.Summary, "A pool, for the page")
  )
