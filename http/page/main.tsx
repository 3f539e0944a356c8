/**
 * The page's entry. A token in the address is taken out of it before anything else happens.
 */
import { render } from "preact"
import { App } from "./App.js"
import { whenFirstViewIsThere } from "./data/firstView.js"
import { Page, PageContext } from "./data/Page.js"
import { takeToken } from "./logic/tokenFromUrl.js"
import "./styles/index.css"

const { href, token, wasInQuery } = takeToken(location.href)
if (href !== location.href) history.replaceState(null, "", href)

const root = document.getElementById("root")
if (root === null) throw new Error("the document has no root element")
const page = new Page(token, wasInQuery)
page.start()
whenFirstViewIsThere(page, () => {
  render(
    <PageContext.Provider value={page}>
      <App />
    </PageContext.Provider>,
    root
  )
  afterFrame(() => page.drawn())
})

/** When the browser has painted; at once where nobody looks. */
function afterFrame(run: () => void): void {
  if (document.hidden) setTimeout(run)
  else requestAnimationFrame(() => setTimeout(run))
}
