/**
 * Which handler serves which endpoint. The type asks for one for each endpoint of the API, and for no other.
 */
import type { EndpointName } from "../server/routes.js"
import type { ServerState } from "../server/ServerState.js"
import type { Handler } from "./Handler.js"
import * as CursorHandlers from "./cursorHandlers.js"
import * as MessageHandlers from "./messageHandlers.js"
import * as PageHandlers from "./pageHandlers.js"
import * as PoolHandlers from "./poolHandlers.js"
import * as ServerHandlers from "./serverHandlers.js"
import * as TailHandlers from "./tailHandlers.js"

export const makeHandlers = (state: ServerState): Readonly<Record<EndpointName, Handler>> => {
  const page = PageHandlers.page(state)
  return {
    create: PoolHandlers.create(state),
    list: PoolHandlers.list(state),
    open: PoolHandlers.open(state),
    info: PoolHandlers.info(state),
    remove: PoolHandlers.remove(state),
    uiList: PoolHandlers.list(state),
    uiInfo: PoolHandlers.info(state),
    append: MessageHandlers.append(state),
    appendEncoded: MessageHandlers.appendEncoded(state),
    history: PageHandlers.history(state),
    get: MessageHandlers.get(state),
    getEncoded: MessageHandlers.getEncoded(state),
    tail: TailHandlers.tail(state),
    tailFrames: TailHandlers.tailFrames(state),
    events: TailHandlers.events(state),
    cursors: CursorHandlers.list(state),
    cursor: CursorHandlers.get(state),
    commitCursor: CursorHandlers.commit(state),
    removeCursor: CursorHandlers.remove(state),
    home: PageHandlers.home(),
    page,
    pageSlash: page,
    poolPage: page,
    docs: PageHandlers.docs(),
    stats: PageHandlers.stats(state),
    histogram: PageHandlers.histogram(state),
    health: ServerHandlers.health(),
    ready: ServerHandlers.ready(state),
    server: ServerHandlers.server(state),
    metrics: ServerHandlers.metrics(state),
    openapi: ServerHandlers.openapi()
  }
}
