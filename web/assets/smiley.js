/*
 * smiley: keys, the theme, and pages that follow a program while it runs. Every page works
 * without it; it asks this server alone, and in a report (file://) nobody.
 *
 * A page says what a key does there: data-key on a link or button that is to be followed, on a
 * field that is to be entered. What follows a program says where from: data-live (live.h).
 */
'use strict';

(function () {
	const ROWS_MAX = 200; // rows that a followed page holds, however long the program runs
	const SAY_MS = 1000; // a screen reader is told no more often

	function recall(name) {
		try {
			return localStorage.getItem('smiley-' + name);
		} catch (e) {
			return null; // the browser keeps nothing for this page
		}
	}

	function remember(name, value) {
		try {
			localStorage.setItem('smiley-' + name, value);
		} catch (e) {
			// for this page only, then
		}
	}

	function make(tag, properties, ...children) {
		const element = Object.assign(document.createElement(tag), properties);
		element.append(...children);
		return element;
	}

	function all(selector, within) {
		return Array.from((within || document).querySelectorAll(selector));
	}

	// ---- theme: auto is the browser's own

	const themes = ['auto', 'light', 'dark'];
	let theme = themes.includes(recall('theme')) ? recall('theme') : 'auto';
	let themeButton = null;

	function showTheme() {
		document.documentElement.style.colorScheme = theme === 'auto' ? '' : theme;
		if (themeButton)
			themeButton.textContent = 'Theme: ' + theme;
	}

	function nextTheme() {
		theme = themes[(themes.indexOf(theme) + 1) % themes.length];
		remember('theme', theme);
		showTheme();
	}

	showTheme(); // before anything is drawn

	// ---- keys

	let keysOn = recall('keys') !== 'off';

	// What is walked by j and k: each has a link that becomes the focus, so that Enter opens it.
	function places() {
		return all('main table:not(.facts) tbody tr, main .files li, main .stack li')
			.filter((place) => link(place));
	}

	function link(place) {
		return place.querySelector('a.seq[href], th a[href]') ||
			place.querySelector('a[href]:not(.delete)');
	}

	// The place that has the focus, is the page's target, or is the first in sight, less one.
	function current(found) {
		const focused = found.findIndex((place) => place.contains(document.activeElement));
		if (focused >= 0)
			return focused;
		const target = found.findIndex((place) => place.matches(':target'));
		return target >= 0 ? target
			: found.findIndex((place) => place.getBoundingClientRect().bottom > 0) - 1;
	}

	function go(place) {
		if (!place)
			return false;
		link(place).focus({preventScroll: true});
		place.scrollIntoView({block: 'nearest', behavior: 'instant'});
		return true;
	}

	function walk(by) {
		const found = places();
		return go(found[Math.max(0, Math.min(found.length - 1, current(found) + by))]);
	}

	// On this page first, then where the page's own link leads.
	function exception(by, key) {
		const found = places();
		const raised = '.row-exception, .row-unwind';
		for (let i = current(found) + by; i >= 0 && i < found.length; i += by) {
			if (found[i].matches(raised))
				return go(found[i]);
		}
		return use(key);
	}

	function use(key) {
		const element = all('[data-key]').find((one) => one.dataset.key === key &&
			one.getClientRects().length);
		if (!element)
			return false;
		if (element.matches('a, button'))
			element.click();
		else
			element.focus();
		return true;
	}

	function leave() {
		document.activeElement.blur();
		return true;
	}

	// The page's own links and fields stand for keys without a function.
	const keys = [
		['j', 'next row', () => walk(1)],
		['k', 'row before', () => walk(-1)],
		['Enter', 'open what the row names'],
		['n', 'next page; at an event: the next time that its line ran'],
		['N', 'page before; at an event: the time before'],
		['e', 'next exception', () => exception(1, 'e')],
		['E', 'exception before', () => exception(-1, 'E')],
		[']', 'step forward: the next event'],
		['[', 'step back: the event before'],
		['J', 'step over: the next event of the same call'],
		['K', 'step back over'],
		['o', 'step out: to the caller'],
		['g', 'go to an event, a time or a line'],
		['/', 'search'],
		['t', 'choose a thread'],
		['D', 'theme: the browser\'s, light, dark', () => { nextTheme(); return true; }],
		['?', 'these keys', () => { toggleHelp(); return true; }],
		['Esc', 'leave a field, close this', leave],
	];

	let help = null;

	function makeHelp() {
		const rows = keys.map(([key, what]) => make('tr', {},
			make('th', {scope: 'row'}, make('kbd', {textContent: key})),
			make('td', {textContent: what})));
		const on = make('input', {type: 'checkbox', checked: keysOn});
		on.addEventListener('change', () => {
			keysOn = on.checked;
			remember('keys', keysOn ? 'on' : 'off');
		});
		const close = make('button', {type: 'button', className: 'btn btn-outline-secondary',
			textContent: 'Close'});
		const dialog = make('dialog', {className: 'keys'},
			make('h2', {id: 'keys-title', textContent: 'Keys'}),
			make('table', {className: 'table facts'}, make('tbody', {}, ...rows)),
			make('p', {}, make('label', {}, on, ' Keys are on')), close);
		dialog.setAttribute('aria-labelledby', 'keys-title');
		close.addEventListener('click', () => dialog.close());
		document.body.append(dialog);
		return dialog;
	}

	function toggleHelp() {
		help = help || makeHelp();
		if (help.open)
			help.close();
		else
			help.showModal();
	}

	function typing(element) {
		return element.isContentEditable ||
			element.matches('input:not([type=checkbox]), select, textarea');
	}

	function pressed(event) {
		const name = event.key === 'Escape' ? 'Esc' : event.key;
		const inside = help && help.open;
		if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing)
			return;
		// Esc always leaves; nothing else is taken from who types, or has turned keys off.
		if (name !== 'Esc' && (!keysOn || typing(event.target) || (inside && name !== '?')))
			return;
		const key = keys.find(([one]) => one === name);
		if (!key || name === 'Enter' || (name === 'Esc' && inside))
			return;
		if (key[2] ? key[2]() : use(name))
			event.preventDefault();
	}

	function putButtons() {
		const list = document.querySelector('header .nav');
		if (!list)
			return;
		themeButton = make('button', {type: 'button', className: 'nav-link'});
		themeButton.addEventListener('click', nextTheme);
		const helpButton = make('button', {type: 'button', className: 'nav-link',
			textContent: 'Keys'});
		helpButton.addEventListener('click', toggleHelp);
		list.append(make('li', {className: 'nav-item'}, helpButton),
			make('li', {className: 'nav-item'}, themeButton));
		showTheme();
	}

	// ---- pages that follow what runs

	// A line of text that is said aloud, seldom.
	function makeStatus() {
		const element = make('span', {className: 'status'});
		let words = '', timer = 0;
		element.setAttribute('role', 'status');
		return {
			element,
			say(text, now) {
				words = text;
				if (now || !timer) {
					element.textContent = words;
					clearTimeout(timer);
					timer = setTimeout(() => {
						timer = 0;
						if (element.textContent !== words)
							element.textContent = words;
					}, SAY_MS);
				}
			},
		};
	}

	// The same page as it is now, taken apart.
	async function fresh() {
		const answer = await fetch(location.href, {cache: 'no-store'});
		if (!answer.ok)
			throw new Error(answer.statusText);
		return new DOMParser().parseFromString(await answer.text(), 'text/html');
	}

	function replace(selector, page) {
		const there = all(selector, page);
		all(selector).forEach((old, i) => {
			if (there[i] && old.innerHTML !== there[i].innerHTML)
				old.replaceWith(document.importNode(there[i], true));
		});
	}

	// Makes a row what it is now, but for the cell that has the focus.
	function renew(old, row) {
		old.className = row.className;
		if (old.cells.length !== row.cells.length)
			return;
		Array.from(old.cells).forEach((cell, i) => {
			if (cell.innerHTML !== row.cells[i].innerHTML &&
				!cell.contains(document.activeElement))
				cell.replaceWith(document.importNode(row.cells[i], true));
		});
	}

	// A connection that is kept while the page is seen: browsers give a server only six.
	function listen(url, events) {
		let source = null;
		function close() {
			if (source)
				source.close();
			source = null;
		}
		function open() {
			close();
			source = new EventSource(url());
			for (const name of Object.keys(events))
				source.addEventListener(name, (event) => events[name](event));
		}
		function seen() {
			if (document.hidden)
				close();
			else
				open();
		}
		document.addEventListener('visibilitychange', seen);
		window.addEventListener('pagehide', close);
		if (!document.hidden)
			open();
		return {
			open,
			end() {
				document.removeEventListener('visibilitychange', seen);
				close();
			},
		};
	}

	function count(number, what) {
		return number.toLocaleString('en').replace(/,/g, '\u2009') + ' ' + what;
	}

	// A run: rows come at the end of its newest page; other pages learn how many there are.
	function followRun(bar) {
		const body = document.querySelector('table.rows tbody');
		const tail = bar.dataset.from !== undefined && body !== null;
		const status = makeStatus();
		const fresher = make('button', {type: 'button', className: 'btn btn-primary', hidden: true});
		const pause = make('button', {type: 'button', className: 'btn btn-outline-secondary',
			textContent: 'Pause'});
		let last = Number(bar.dataset.from || -1); // the last row that is on the page
		let known = Number(bar.dataset.rows);      // rows that there are
		let seen = known;                          // rows when the reader was at the end
		let paused = false;
		let following = tail && bar.dataset.follow !== undefined;
		let threads = Number(new URLSearchParams(bar.dataset.live.split('?')[1]).get('threads'));

		function atEnd() {
			return window.innerHeight + window.scrollY >=
				document.documentElement.scrollHeight - 40;
		}

		// Nothing on the page moves while a row has the focus.
		function reading() {
			return body.contains(document.activeElement);
		}

		function showNew() {
			const unseen = known - seen;
			fresher.hidden = unseen <= 0;
			fresher.textContent = count(unseen, 'new');
		}

		function toEnd() {
			window.scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'});
			seen = known;
			showNew();
		}

		function append(html) {
			const rows = make('template', {innerHTML: '<table><tbody>' + html +
				'</tbody></table>'}).content.querySelectorAll('tr');
			for (const row of rows) {
				const old = row.id ? document.getElementById(row.id) : null;
				if (!old)
					body.append(row);
				else
					renew(old, row);
			}
			all(':scope > tr:not([id]):not(.skipped)', body).forEach((none) => none.remove());
		}

		// A second thread has come: from now on rows say whose they are, those of before too.
		async function showThreads(count, first) {
			const head = body.closest('table').tHead.rows[0];
			threads = count;
			bar.dataset.live = bar.dataset.live.replace(/threads=\d+/, 'threads=' + count);
			head.cells[0].after(make('th', {scope: 'col', textContent: 'Thread'}));
			for (const row of body.rows) {
				if (row.cells.length > 1)
					row.cells[0].after(make('td', {className: 'words',
						textContent: row.id ? first : ''}));
			}
			try {
				const choice = (await fresh()).querySelector('form:has([name=thread_id])');
				const jump = document.querySelector('form:has([name=to])');
				if (choice && !document.querySelector('[name=thread_id]'))
					jump.before(document.importNode(choice, true));
			} catch (e) {
				// the rows say it all the same
			}
		}

		function room() {
			return following || body.rows.length < ROWS_MAX;
		}

		function rows(event) {
			const cut = event.data.indexOf('\n');
			const head = JSON.parse(cut < 0 ? event.data : event.data.slice(0, cut));
			const shown = document.getElementById('event-count');
			known = head.rows;
			if (shown)
				shown.textContent = count(head.events, '').trim();
			if (tail && head.threads > 1 && threads < 2)
				showThreads(head.threads, head.thread);
			if (tail && !paused) {
				following = (following || (window.scrollY > 0 && atEnd())) && !reading();
				if (cut >= 0 && room()) {
					append(event.data.slice(cut + 1));
					last = head.last;
				}
				if (following) {
					while (body.rows.length > ROWS_MAX)
						body.rows[0].remove();
					toEnd();
				} else if (atEnd()) {
					seen = known;
				}
			}
			showNew();
			status.say('Running: ' + count(head.events, 'events'));
		}

		async function end(event) {
			stream.end();
			pause.hidden = true;
			status.say('The program has ended: ' + JSON.parse(event.data).state + '.', true);
			try {
				const page = await fresh();
				replace('.facts', page);
				replace('nav.pages', page);
			} catch (e) {
				// the words above stand
			}
		}

		function catchUp() {
			if (!tail) {
				bar.querySelector('a.newest').click();
				return;
			}
			paused = false;
			pause.textContent = 'Pause';
			document.activeElement.blur();
			following = true;
			toEnd();
			stream.open();
		}

		fresher.addEventListener('click', catchUp);
		pause.addEventListener('click', () => {
			if (paused) {
				catchUp();
				return;
			}
			paused = true;
			following = false;
			pause.textContent = 'Follow';
		});
		window.addEventListener('scroll', () => {
			const now = atEnd();
			if (following && !now)
				following = false;
			if (now && tail && !paused && room())
				seen = known;
			showNew();
		}, {passive: true});
		bar.querySelector('p').firstChild.replaceWith(status.element, ' ');
		bar.append(fresher);
		if (tail)
			bar.append(pause);
		status.say('Running');
		if (following)
			toEnd();
		const stream = listen(() => bar.dataset.live + (tail ? '&from=' + last : ''), {
			rows,
			end,
			gone() {
				stream.end();
				status.say('This run has been deleted.', true);
			},
			error(event) {
				status.say(event.target.readyState === EventSource.CLOSED
					? 'The server does not say more now: refresh.'
					: 'No connection to the server; trying again.');
			},
		});
	}

	// The list of runs: at its top it is kept as the server has it; further down what is in
	// sight changes in its place, and new runs wait until they are asked for.
	function followList(bar) {
		const body = document.querySelector('table.runs tbody');
		const status = makeStatus();
		const fresher = make('button', {type: 'button', className: 'btn btn-primary', hidden: true});
		const name = (row) => (row.querySelector('th a') || {}).href;
		let waiting = null;

		function whole(page) {
			const old = new Map(Array.from(body.rows, (row) => [name(row), row]));
			const rows = all('table.runs tbody tr', page).map((row) => {
				const same = old.get(name(row));
				return same && same.outerHTML === row.outerHTML ? same
					: document.importNode(row, true);
			});
			body.replaceChildren(...rows);
			replace('nav.pages', page);
			waiting = null;
			fresher.hidden = true;
		}

		function inPlace(page) {
			const rows = all('table.runs tbody tr', page);
			let others = 0;
			for (const row of rows) {
				const old = Array.from(body.rows).find((one) => name(one) === name(row));
				if (old)
					renew(old, row);
				else
					others++;
			}
			waiting = others ? page : null;
			fresher.hidden = !others;
			fresher.textContent = count(others, 'new');
			if (others)
				status.say(count(others, others > 1 ? 'new runs' : 'new run'));
		}

		let asking = false, again = false;

		async function change() {
			if (asking) {
				again = true; // while the last answer is on its way
				return;
			}
			asking = true;
			try {
				const page = await fresh();
				if (window.scrollY > 0 || body.contains(document.activeElement))
					inPlace(page);
				else
					whole(page);
			} catch (e) {
				// the next change brings it
			}
			asking = false;
			if (again) {
				again = false;
				change();
			}
		}

		fresher.addEventListener('click', () => {
			if (waiting)
				whole(waiting);
			window.scrollTo({top: 0, behavior: 'instant'});
		});
		status.element.className = 'visually-hidden';
		bar.append(status.element, fresher);
		listen(() => bar.dataset.live, {change});
	}

	// ---- a report's table of functions is filtered here, as the server's is by its form

	function stands(row) {
		const [place, line, name] = [row.cells[6], row.cells[7], row.cells[5]];
		const path = place.firstElementChild ? place.firstElementChild.title : '';
		return (path + ':' + line.textContent + '(' + name.textContent + ')').toLowerCase();
	}

	function putFilter() {
		const table = document.querySelector('table.stats');
		if (!table || document.querySelector('form.filter'))
			return;
		const field = make('input', {className: 'form-control', type: 'search', maxLength: 200});
		field.dataset.key = '/';
		field.addEventListener('input', () => {
			const text = field.value.toLowerCase();
			for (const row of table.tBodies[0].rows)
				row.hidden = row.cells.length > 7 && !stands(row).includes(text);
		});
		table.parentElement.before(make('div', {className: 'filter'},
			make('label', {}, 'Functions ', field)));
	}

	document.addEventListener('DOMContentLoaded', () => {
		putButtons();
		putFilter();
		document.addEventListener('keydown', pressed);
		for (const bar of all('[data-live]')) {
			if (bar.dataset.rows !== undefined)
				followRun(bar);
			else
				followList(bar);
		}
	});
})();
