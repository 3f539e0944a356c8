/**
 * The page, the description for people, and what the page asks for beyond the other routes. Ours, but for the page's
 * address.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Access } from "./Access.js"
import { NotFound } from "./ApiError.js"
import * as MediaTypes from "./mediaTypes.js"
import { HistogramAnswer } from "./models.js"
import { HistogramQuery, poolParam, StatsQuery } from "./parameters.js"

const document = HttpApiSchema.Text({ contentType: MediaTypes.html })
const toThePage = Schema.Void.annotations(HttpApiSchema.annotations({ status: 302 }))

/**
 * @since 0.1.0
 * @category api
 */
export const PageApi = HttpApiGroup.make("page")
  .add(
    HttpApiEndpoint.get("home", "/")
      .addSuccess(toThePage)
      .annotate(Access, "open")
      .annotate(OpenApi.Summary, "Leads to the page")
  )
  .add(
    HttpApiEndpoint.get("page", "/ui")
      .addSuccess(document)
      .annotate(Access, "open")
      .annotate(OpenApi.Summary, "The page: one document that needs nothing but this server")
  )
  .add(
    HttpApiEndpoint.get("pageSlash", "/ui/")
      .addSuccess(document)
      .annotate(Access, "open")
      .annotate(OpenApi.Summary, "The page")
  )
  .add(
    HttpApiEndpoint.get("poolPage")`/ui/pools/${poolParam}`
      .addSuccess(document)
      .annotate(Access, "open")
      .annotate(OpenApi.Summary, "The page, at a pool")
  )
  .add(
    HttpApiEndpoint.get("docs", "/docs")
      .addSuccess(document)
      .annotate(Access, "open")
      .annotate(OpenApi.Summary, "This description, for reading")
  )
  .add(
    HttpApiEndpoint.get("stats", "/v0/ui/stats")
      .setUrlParams(StatsQuery)
      .addSuccess(HttpApiSchema.Text({ contentType: MediaTypes.eventStream }))
      .annotate(Access, "read")
      .annotate(OpenApi.Summary, "Counters of all pools, each second, as server-sent events")
      .annotate(
        OpenApi.Description,
        "`event: pools` with a `PoolStats`. One look at the pools serves all who listen; a client that does not keep up " +
          "misses some. Takes the place of a tail."
      )
  )
  .add(
    HttpApiEndpoint.get("histogram")`/v0/ui/pools/${poolParam}/histogram`
      .setUrlParams(HistogramQuery)
      .addSuccess(HistogramAnswer)
      .addError(NotFound)
      .annotate(Access, "read")
      .annotate(OpenApi.Summary, "How many messages there are of each part of the retained time")
  )
