/** The two pages in web/ and this product's own make their elements the same way. */
export { button, byId, h, redraw } from '../../../web/dom.ts';
