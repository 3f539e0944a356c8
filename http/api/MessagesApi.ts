/**
 * Messages: append one or many, read one. JSON for people, encoded payloads for programs that must not lose a digit.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Access } from "./Access.js"
import { BodyTooLarge, NotFound, UnsupportedMediaType } from "./ApiError.js"
import * as MediaTypes from "./mediaTypes.js"
import { AppendedAnswer, AppendMessage, MessageAnswer, MessagesAnswer, ReceiptsAnswer } from "./models.js"
import { AppendQuery, PageQuery, poolParam, seqParam } from "./parameters.js"

/**
 * @since 0.1.0
 * @category api
 */
export const MessagesApi = HttpApiGroup.make("messages")
  .add(
    HttpApiEndpoint.post("append")`/v0/pools/${poolParam}/append`
      .setUrlParams(AppendQuery)
      .setPayload(Schema.Union(AppendMessage, HttpApiSchema.Text({ contentType: MediaTypes.ndjson })))
      .addSuccess(Schema.Union(MessageAnswer, AppendedAnswer, ReceiptsAnswer))
      .addError(NotFound)
      .addError(BodyTooLarge)
      .addError(UnsupportedMediaType)
      .annotate(Access, "write")
      .annotate(OpenApi.Summary, "Append one message, or one for each line of an NDJSON body")
      .annotate(
        OpenApi.Description,
        "The answer comes when the message is committed: visible to all readers, and on disk with durability `flush`. " +
          "Lines of an NDJSON body have the members `data`, `tags` and `key`; they are stored all, under one lock, or none. " +
          "A message whose `key` a retained message has already is not stored again: the answer is about that one, and says " +
          "`repeated`. So a request whose answer was lost can be sent again."
      )
  )
  .add(
    HttpApiEndpoint.post("appendEncoded")`/v0/pools/${poolParam}/append_lite3`
      .setUrlParams(AppendQuery)
      .setPayload(
        Schema.Union(
          HttpApiSchema.Uint8Array({ contentType: MediaTypes.payload }),
          HttpApiSchema.Uint8Array({ contentType: MediaTypes.frames })
        )
      )
      .addSuccess(Schema.Union(MessageAnswer, AppendedAnswer))
      .addError(NotFound)
      .addError(BodyTooLarge)
      .addError(UnsupportedMediaType)
      .annotate(Access, "write")
      .annotate(OpenApi.Summary, "Append one encoded payload, or several as frames")
      .annotate(
        OpenApi.Description,
        "A payload holds data and tags. Each is checked whole before anything is stored. The number and time of a frame " +
          "are ignored: the server gives its own."
      )
  )
  .add(
    HttpApiEndpoint.get("history")`/v0/pools/${poolParam}/messages`
      .setUrlParams(PageQuery)
      .addSuccess(MessagesAnswer)
      .addError(NotFound)
      .annotate(Access, "read")
      .annotate(OpenApi.Summary, "A page of retained messages, oldest first")
      .annotate(
        OpenApi.Description,
        "Begins with the oldest, behind `after_seq`, or ends before `before_seq`. A filter looks through the pool for a " +
          "bounded time: a page may be short though `next_after_seq` or `prev_before_seq` says that there is more. Times " +
          "are taken to rise with the numbers."
      )
  )
  .add(
    HttpApiEndpoint.get("get")`/v0/pools/${poolParam}/messages/${seqParam}`
      .addSuccess(MessageAnswer)
      .addError(NotFound)
      .annotate(Access, "read")
      .annotate(OpenApi.Summary, "Read one message")
  )
  .add(
    HttpApiEndpoint.get("getEncoded")`/v0/pools/${poolParam}/messages/${seqParam}/lite3`
      .addSuccess(HttpApiSchema.Uint8Array({ contentType: MediaTypes.payload }))
      .addError(NotFound)
      .annotate(Access, "read")
      .annotate(OpenApi.Summary, "Read one payload as it is stored")
      .annotate(
        OpenApi.Description,
        "The header `plasmite-seq` repeats the number, `plasmite-time` says when it was appended."
      )
  )
