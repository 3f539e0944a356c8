/**
 * The way back to the overview, beside a pool's name, however narrow the screen is.
 */
import { usePage } from "../data/Page.js"
import { overviewPath } from "../logic/viewState.js"
import { Icon } from "./Icon.js"
import { isPlainPress } from "./Sidebar.js"

export const OverviewLink = () => {
  const { router } = usePage()
  return (
    <a
      class="button plain icon"
      href={overviewPath}
      aria-label="Back to the overview"
      title="Overview"
      onClick={(event) => {
        if (!isPlainPress(event)) return
        event.preventDefault()
        router.openOverview()
      }}
    >
      <Icon name="grid" />
    </a>
  )
}
