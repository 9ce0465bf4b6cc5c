/**
 * @file Text that is safe inside HTML and SVG, between tags and in quoted attributes.
 */

/** & < > " ' as character references. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
