/** The colours of the canvas, as the styles of the page give them: those of the legend, and of text and lines. */
export type Palette = {
  text: string;
  quiet: string;
  error: string;
  warning: string;
  volume: string;
  exception: string;
  accent: string;
  font: string;
};

export function palette(): Palette {
  const colorOf = (selector: string) => {
    const found = document.querySelector(selector);
    return found === null ? '' : getComputedStyle(found).color;
  };
  return {
    text: colorOf('body'),
    quiet: colorOf('.quiet'),
    error: colorOf('.legend .error span'),
    warning: colorOf('.legend .warning span'),
    volume: colorOf('.legend .volume span'),
    exception: colorOf('.legend .exception span'),
    accent: colorOf('.bar .name'),
    font: getComputedStyle(document.body).fontFamily,
  };
}
