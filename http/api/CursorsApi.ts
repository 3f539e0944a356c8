/**
 * Cursors: how far consumers that resume have got, kept by the server beside the pool. Nobody holds one over a connection,
 * since that would need clocks; a commit says which one it follows, and of two consumers one comes second. Ours.
 *
 * @since 0.1.0
 */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import { Access } from "./Access.js"
import { BodyTooLarge, CursorMoved, NotFound, UnsupportedMediaType } from "./ApiError.js"
import { CommitCursor, CursorAnswer, CursorsAnswer, Done } from "./models.js"
import { cursorParam, poolParam } from "./parameters.js"

/**
 * @since 0.1.0
 * @category api
 */
export const CursorsApi = HttpApiGroup.make("cursors")
  .add(
    HttpApiEndpoint.get("cursors")`/v0/pools/${poolParam}/cursors`
      .addSuccess(CursorsAnswer)
      .addError(NotFound)
      .annotate(Access, "read")
      .annotate(OpenApi.Summary, "The cursors of a pool by name, and how far behind each is")
  )
  .add(
    HttpApiEndpoint.get("cursor")`/v0/pools/${poolParam}/cursors/${cursorParam}`
      .addSuccess(CursorAnswer)
      .addError(NotFound)
      .annotate(Access, "read")
      .annotate(OpenApi.Summary, "Where a cursor stands")
      .annotate(
        OpenApi.Description,
        "A consumer goes on with the message behind `seq`, and commits with this `generation`."
      )
  )
  .add(
    HttpApiEndpoint.put("commitCursor")`/v0/pools/${poolParam}/cursors/${cursorParam}`
      .setPayload(CommitCursor)
      .addSuccess(CursorAnswer)
      .addError(NotFound)
      .addError(CursorMoved)
      .addError(BodyTooLarge)
      .addError(UnsupportedMediaType)
      .annotate(Access, "write")
      .annotate(OpenApi.Summary, "Move a cursor, if nobody else has")
      .annotate(
        OpenApi.Description,
        "The cursor stands there, whole or not at all, and its generation is one higher. It is refused with 409 when the " +
          "cursor is not at the `generation` given: another consumer was faster, or it was removed. Generation 0 makes a " +
          "new one. Who gives a `holder` may repeat a commit whose answer was lost: a repeat changes nothing, and is " +
          "answered with where the cursor stands."
      )
  )
  .add(
    HttpApiEndpoint.del("removeCursor")`/v0/pools/${poolParam}/cursors/${cursorParam}`
      .addSuccess(Done)
      .addError(NotFound)
      .annotate(Access, "write")
      .annotate(OpenApi.Summary, "Forget a cursor")
      .annotate(OpenApi.Description, "Refused with `Busy` while a consumer on the server's machine has it.")
  )
