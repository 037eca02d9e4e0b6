import { DensityCounts } from './bins.js';
import { Clock } from './clock.js';
import { element } from './dom.js';
import { canInflate } from './inflate.js';
import { listenToKeys } from './keys.js';
import { Lines } from './lines.js';
import { openSettings } from './settings.js';
import { Timeline } from './timeline.js';
import { TimelineInput } from './timeline-input.js';
import { Viewer } from './viewer.js';
import { Column, pageData } from './wire.js';

/** Brings the page to life: what was read without script stays, the list and the timeline come. */
async function start(): Promise<void> {
  element('no-script', HTMLElement).hidden = true;
  if (!canInflate())
    return sayNoLines(
      'This browser is too old to unpack the lines: it needs Chromium 103, Firefox 113 or Safari 16.4. All else is here.',
    );
  document.documentElement.classList.add('live');
  const data = pageData();
  const settings = openSettings();
  const clock = new Clock(data.zone.shifts);
  const timeline =
    data.servers.length === 0
      ? undefined
      : new Timeline(data, new DensityCounts(data.density, data.servers.length, await Column.named('density')), clock);
  if (data.lines.here === 0) return sayNoLines('The list of lines is not on this page.');
  const lines = await Lines.load(data.lines.here, data.logs.length);
  if (timeline !== undefined) timeline.lines = lines;
  const viewer = new Viewer(data, lines, timeline);
  document.documentElement.classList.add('listed');
  if (timeline !== undefined) joinTimeline(timeline, viewer);
  listenToKeys({ ...viewer.actions(), '?': () => settings.show() }, settings.areSingleKeys);
  const follow = () => {
    if (viewer.follow(location.hash)) element('lines', HTMLElement).scrollIntoView({ block: 'start' });
  };
  window.addEventListener('hashchange', follow);
  document.addEventListener('click', ({ target }) => {
    // A link that was followed before changes no address.
    if (target instanceof Element && target.closest<HTMLAnchorElement>('a.place')?.hash === location.hash) follow();
  });
  follow();
  document.documentElement.dataset['ready'] = 'true';
}

function joinTimeline(timeline: Timeline, viewer: Viewer): void {
  new TimelineInput(timeline, (at) => viewer.goToTime(at));
  const tell = () => {
    viewer.zoomed();
    const { view, clock } = timeline;
    const text = timeline.isWhole ? '' : `${clock.time(view.since)} – ${clock.time(view.until)}`;
    element('zoomed', HTMLElement).textContent = text;
    for (const end of ['since', 'until'] as const) {
      const grip = element(`grip-${end}`, HTMLElement);
      const [since, until] = timeline.data.span;
      grip.setAttribute('aria-valuemin', String(since));
      grip.setAttribute('aria-valuemax', String(until));
      grip.setAttribute('aria-valuenow', String(Math.round(view[end])));
      grip.setAttribute(
        'aria-valuetext',
        `${clock.time(view.since)} to ${clock.time(view.until)}, ${timeline.errorsSeen()}`,
      );
    }
  };
  timeline.onView = tell;
  tell();
}

function sayNoLines(text: string): void {
  const notice = element('no-lines', HTMLElement);
  notice.textContent = text;
  notice.hidden = false;
}

/** A page that was damaged on its way is not to be half alive: what reads without script is there again. */
function goBack(error: unknown): void {
  document.documentElement.classList.remove('live', 'listed');
  for (const id of ['lanes', 'zoom', 'viewer', 'find', 'show-keys'])
    document.getElementById(id)?.setAttribute('hidden', '');
  sayNoLines('The list and the timeline cannot be shown: this file was damaged on its way. All else is here.');
  reportError(error);
}

start().catch(goBack);
