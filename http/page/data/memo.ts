/**
 * A component that is drawn again only when one of its properties is another.
 */
import { Component, createElement, type ComponentChild, type FunctionComponent } from "preact"

export const memo = <P extends object>(view: FunctionComponent<P>): FunctionComponent<P> => {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const held = this.props as Readonly<Record<string, unknown>>
      return Object.entries(next).some(([key, value]) => !Object.is(held[key], value))
    }

    override render(): ComponentChild {
      return createElement(view, this.props as P)
    }
  }
  return Memo as unknown as FunctionComponent<P>
}
