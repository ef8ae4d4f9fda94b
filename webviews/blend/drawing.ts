const namespace = 'http://www.w3.org/2000/svg';

/** An SVG element with its attributes and text. */
export function shape(tag: string, attributes: Readonly<Record<string, string | number>>, text?: string): SVGElement {
  const made = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}

export const shortName = (name: string): string => (name.length > 14 ? `${name.slice(0, 13)}…` : name);
