/**
 * Opens the list of pools on narrow screens.
 */
import { usePage } from "../data/Page.js"
import { Icon } from "./Icon.js"

export const MenuButton = () => {
  const page = usePage()
  return (
    <button
      type="button"
      class="button plain icon narrow-only"
      aria-label="Pools"
      onClick={() => page.sidebarOpen.set(true)}
    >
      <Icon name="menu" />
    </button>
  )
}
