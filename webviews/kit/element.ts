type Child = Node | string | null | undefined | false;

export interface ElementOptions {
  readonly class?: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean | null | undefined>>;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
}

/**
 * Makes an element with its attributes, listeners and children. An attribute that is false, null or undefined is left
 * out, true is written as an empty one. Text is always set as text, never as markup.
 */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, options?: ElementOptions, ...children: Child[]): HTMLElementTagNameMap[K];
export function element(tag: string, options?: ElementOptions, ...children: Child[]): HTMLElement;
export function element(tag: string, options: ElementOptions = {}, ...children: Child[]): HTMLElement {
  const made = document.createElement(tag);
  if (options.class) made.className = options.class;
  for (const [name, value] of Object.entries(options.attributes ?? {})) setAttribute(made, name, value);
  for (const [event, listener] of Object.entries(options.on ?? {})) made.addEventListener(event, listener);
  made.append(...presentOf(children));
  return made;
}

/** Sets an attribute, or takes it away when the value is false, null or undefined. */
export function setAttribute(target: Element, name: string, value: string | number | boolean | null | undefined): void {
  if (value === false || value == null) target.removeAttribute(name);
  else target.setAttribute(name, value === true ? '' : String(value));
}

/** Replaces what is in an element, touching nothing when the children are the same already (focus stays). */
export function setChildren(target: Element, ...children: Child[]): void {
  const wanted = presentOf(children);
  const isSame = wanted.length === target.childNodes.length && wanted.every((child, index) => child === target.childNodes[index]);
  if (!isSame) target.replaceChildren(...wanted);
}

/** Sets text only where it changed, so that a live region speaks once. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

function presentOf(children: readonly Child[]): (Node | string)[] {
  return children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false);
}
