/**
 * The server about itself: alive, ready, what it can do, what it has done.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Access } from "./Access.js"
import * as MediaTypes from "./mediaTypes.js"
import { Done, ServerAnswer } from "./models.js"

const stopping = Done.annotations({
  identifier: "Stopping",
  description: "The server is shutting down.",
  ...HttpApiSchema.annotations({ status: 503 })
})

/**
 * @since 0.1.0
 * @category api
 */
export const ServerApi = HttpApiGroup.make("server")
  .add(
    HttpApiEndpoint.get("health", "/healthz")
      .addSuccess(Done)
      .annotate(Access, "open")
      .annotate(OpenApi.Summary, "Is the process alive?")
      .annotate(OpenApi.Description, "Needs no token and touches no pool.")
  )
  .add(
    HttpApiEndpoint.get("ready", "/readyz")
      .addSuccess(Done)
      .addError(stopping)
      .annotate(Access, "open")
      .annotate(OpenApi.Summary, "Does the server take requests?")
  )
  .add(
    HttpApiEndpoint.get("server", "/v0/server")
      .addSuccess(ServerAnswer)
      .annotate(Access, "guarded")
      .annotate(OpenApi.Summary, "Version, limits and features")
  )
  .add(
    HttpApiEndpoint.get("metrics", "/metrics")
      .addSuccess(HttpApiSchema.Text({ contentType: MediaTypes.prometheus }))
      .annotate(Access, "guarded")
      .annotate(OpenApi.Summary, "Counters and gauges, as Prometheus reads them")
  )
  .add(
    HttpApiEndpoint.get("openapi", "/openapi.json")
      .addSuccess(Schema.Unknown)
      .annotate(Access, "open")
      .annotate(OpenApi.Summary, "This description")
  )
