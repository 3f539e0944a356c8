/**
 * Tails: one stream of messages, told in three ways. A tail ends after `timeout_ms` at the latest; clients come back with
 * the next number and miss nothing that is retained.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import { Access } from "./Access.js"
import { NotFound } from "./ApiError.js"
import * as MediaTypes from "./mediaTypes.js"
import { FramesQuery, poolParam, TailQuery } from "./parameters.js"

/**
 * @since 0.1.0
 * @category api
 */
export const TailsApi = HttpApiGroup.make("tails")
  .add(
    HttpApiEndpoint.get("tail")`/v0/pools/${poolParam}/tail`
      .setUrlParams(TailQuery)
      .addSuccess(HttpApiSchema.Text({ contentType: MediaTypes.jsonLines }))
      .addError(NotFound)
      .annotate(Access, "read")
      .annotate(OpenApi.Summary, "Follow a pool, as JSON Lines")
      .annotate(
        OpenApi.Description,
        "A message a line. Blank lines are signs of life. A failure on the way is a last line with an error envelope."
      )
  )
  .add(
    HttpApiEndpoint.get("tailFrames")`/v0/pools/${poolParam}/tail_lite3`
      .setUrlParams(FramesQuery)
      .addSuccess(HttpApiSchema.Uint8Array({ contentType: MediaTypes.frames }))
      .addError(NotFound)
      .annotate(Access, "read")
      .annotate(OpenApi.Summary, "Follow a pool, as encoded frames")
      .annotate(
        OpenApi.Description,
        "Number and time (nanoseconds since 1970) as 64 bits, length as 32 bits, big-endian, then the payload. A " +
          "failure on the way cuts the connection. `gap_policy=error` is refused: frames cannot say it."
      )
  )
  .add(
    HttpApiEndpoint.get("events")`/v0/ui/pools/${poolParam}/events`
      .setUrlParams(TailQuery)
      .addSuccess(HttpApiSchema.Text({ contentType: MediaTypes.eventStream }))
      .addError(NotFound)
      .annotate(Access, "read")
      .annotate(OpenApi.Summary, "Follow a pool, as server-sent events")
      .annotate(
        OpenApi.Description,
        "`event: message` with the message's number as `id`; `event: error` with an envelope. `Last-Event-ID: n` starts " +
          "behind message n."
      )
  )
