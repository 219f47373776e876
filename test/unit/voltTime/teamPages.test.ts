import type { IDataObject } from 'n8n-workflow';

import type { Json } from '../../../nodes/shared/sync/state';
import { teamPages } from '../../../nodes/VoltTime/trigger/teamPages';

/** Reads a list that gives these pages again and again, each time under a new cursor. */
function circle(pages: number[][]) {
	let requests = 0;
	const getJson = async (): Promise<IDataObject> => {
		const data = pages[requests % pages.length].map((id) => ({ id, stopped_at: '2026-01-31T12:00:00Z' }));
		return { data, meta: { next_cursor: `cursor-${++requests}` } };
	};
	const reader = { getJson, baseUrl: 'https://vendor.example', redact: (text: string) => text };
	const read = teamPages(reader, { path: '/transactions', query: {} }, undefined);
	const readAll = async () => {
		let token: Json = null;
		for (let page = 0; page < 50; page++) token = (await read(token)).next ?? null;
	};
	return { readAll, requests: () => requests };
}

it.each([
	['one page', [[1, 2]]],
	['two pages', [[1, 2], [3]]],
	['three pages', [[1], [2], [3]]],
	['two pages and an empty one', [[1], [], [2]]],
])('a list of a team that leads in a circle of %s under new cursors ends with an error', async (_, pages) => {
	const { readAll, requests } = circle(pages);
	await expect(readAll()).rejects.toThrow('a page a second time, under another cursor');
	expect(requests()).toBe(pages.length + 1);
});
