/**
 * @file HTML of a notebook, reduced to what can't run: a page that somebody sends must be safe to open.
 */
import { JSDOM } from "jsdom";

const allowedTags = new Set(
  (
    "a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr " +
    "i img kbd li mark ol p pre progress s small span strong sub summary sup table tbody td tfoot th thead tr u ul"
  ).split(" "),
);
// What these hold is not text for the reader: it goes with its tag.
const droppedTags = new Set(
  "script style iframe object embed template noscript form input textarea select svg math link meta base".split(" "),
);
const allowedAttributes = new Set(
  "align alt class colspan height href id max open rowspan src start style title value width".split(" "),
);
const safeStyle =
  /^(?:\s*(?:text-align|color|background-color|font-weight|width|padding|margin)\s*:\s*[\w\s#.,%()-]+;?)*$/i;
const safeLink = /^(?:https?:|mailto:|#|[\w./%-]+(?:#|$))/i;
const safeImage = /^data:image\/(?:png|jpeg|gif|webp|svg\+xml);base64,/;

/** How addresses in the HTML are mapped. */
export interface SanitizeOptions {
  link?: (address: string) => string;
  /** The data address of an image file beside the notebook, if there is such a file. */
  image?: (address: string) => string | undefined;
}

let page: JSDOM | undefined;

/** `html` with only harmless tags and attributes; the text of unknown tags stays, scripts and styles go. */
export function sanitizeHtml(html: string, options: SanitizeOptions = {}): string {
  page ??= new JSDOM("");
  const template = page.window.document.createElement("template");
  template.innerHTML = html;
  clean(template.content, options);
  return template.innerHTML;
}

function clean(parent: ParentNode & Node, options: SanitizeOptions): void {
  for (const child of [...parent.childNodes]) {
    if (child.nodeType === 3) continue; // text
    if (child.nodeType !== 1) {
      parent.removeChild(child); // comments and the like
      continue;
    }
    const element = child as Element;
    const tag = element.tagName.toLowerCase();
    if (droppedTags.has(tag)) {
      element.remove();
      continue;
    }
    clean(element, options);
    if (allowedTags.has(tag)) cleanAttributes(element, options);
    else element.replaceWith(...element.childNodes);
  }
}

function cleanAttributes(element: Element, { link, image }: SanitizeOptions): void {
  for (const { name, value } of [...element.attributes]) {
    if (!allowedAttributes.has(name)) element.removeAttribute(name);
    else if (name === "style" && (!safeStyle.test(value) || /url\s*\(/i.test(value))) element.removeAttribute(name);
    else if (name === "href") {
      if (safeLink.test(value)) element.setAttribute(name, link?.(value) ?? value);
      else element.removeAttribute(name);
    } else if (name === "src") {
      const address = safeImage.test(value) ? value : image?.(value);
      // The page must work without a network: a picture that can't be put inside gives way to its text.
      if (address) element.setAttribute(name, address);
      else element.replaceWith(element.getAttribute("alt") ?? "");
    }
  }
}
