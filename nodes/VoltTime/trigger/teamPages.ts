import type { IDataObject } from 'n8n-workflow';

import { isObject, recordsIn } from '../../shared/http/response';
import { repeatedCursor, repeatedPage } from '../../shared/paging/cursor';
import { readTime } from '../../shared/session/times';
import { ApiError } from '../../shared/util/errors';
import type { SourcePage } from '../../shared/sync/source';
import type { Json } from '../../shared/sync/state';
import { nextOf, nextQuery, type LinkReader } from '../linkedLists';

/** The position in a list of a team. */
interface ResumeToken {
	/** The query of the address of the next page: a page number or a cursor. */
	query: Record<string, string>;
	/** The end of the last session that was read, in milliseconds since 1970; null where it has none. */
	lastEndMs: number | null;
	emptyPages: number;
	/** How often the list was taken up again, so that a position differs from every one before it. */
	restarts: number;
}

const MAX_EMPTY_PAGES = 10;
/** HTTP statuses that say nothing of the position: the API takes no more requests for the moment. */
const BUSY = [408, 429];

/**
 * Returns the function that reads a list of version 3 page by page, and goes on in a later poll.
 *
 * Pages are cut when they are requested. A session that comes in at the head pushes others to the next page, where they are met
 * again. One that leaves the list pulls others to a page that was read already. In the pause between two polls many can do so, for
 * example all of a charger. So a later poll steps back, until it finds a page that begins at the last session read or before it.
 *
 * @param order Whether ends fall or rise in the list; undefined where it is not sorted by the end.
 * @throws ApiError if a page leads to itself, to another host, or comes a second time.
 */
export function teamPages(
	{ getJson, baseUrl, redact }: LinkReader,
	request: { path: string; query: IDataObject },
	order: 'falling' | 'rising' | undefined,
): (resumeToken: Json) => Promise<SourcePage<IDataObject>> {
	const issued = new Set<string>();
	const seenPages = new Set<string>();
	const fetch = async (position: Record<string, string>) => {
		const query = { ...request.query, ...position };
		const response = (await getJson({ path: request.path, query, body: {} })) as IDataObject;
		const whole = Array.isArray(response) ? { data: response } : response;
		const records = recordsIn<IDataObject>(whole, 'data', redact);
		return { records, next: nextOf(response) };
	};

	/** The page at a position of an earlier poll, or the first one before it that begins at the last session read or before it. */
	const stepBack = async ({ query, lastEndMs }: ResumeToken) => {
		let number = Number(query.page);
		if (!Number.isSafeInteger(number) || lastEndMs === null || order === undefined) return await fetch(query);
		for (;;) {
			number = Math.max(1, number - 1);
			const page = await fetch({ ...query, page: String(number) });
			const [first] = page.records.flatMap((record) => readTime(record.stopped_at) ?? []);
			const isBefore = first !== undefined && (order === 'falling' ? first >= lastEndMs : first <= lastEndMs);
			if (number === 1 || isBefore) return page;
		}
	};

	return async (resumeToken) => {
		const token = readResumeToken(resumeToken);
		const isResumed = token !== undefined && !issued.has(JSON.stringify(token));
		let { restarts = 0, emptyPages = 0 } = token ?? {};
		let position = token?.query ?? {};
		let page: Awaited<ReturnType<typeof fetch>> | undefined;
		if (isResumed) {
			restarts++;
			page = await stepBack(token).catch(async (error: unknown) => {
				const status = error instanceof ApiError ? error.details.status : undefined;
				// If the position is not to blame, the request without it fails as well.
				const mayBeStale = status !== undefined && !BUSY.includes(status);
				return mayBeStale ? undefined : await Promise.reject(error as Error);
			});
			if (!page) position = {};
		}
		page ??= await fetch(position);

		const { records, next } = page;
		const ids = JSON.stringify(records.map(({ id }) => id));
		if (next === undefined) return { records };
		const query = Object.fromEntries(nextQuery(next, baseUrl));
		const isItself = JSON.stringify(query) === JSON.stringify(position) && !isResumed;
		if (isItself) throw repeatedCursor(next, redact);
		if (records.length > 0 && seenPages.has(ids)) throw repeatedPage();
		seenPages.add(ids);
		emptyPages = records.length > 0 ? 0 : emptyPages + 1;
		if (emptyPages === MAX_EMPTY_PAGES) {
			throw new ApiError(
				`The API gave ${MAX_EMPTY_PAGES} empty pages in a row and still says that more follow`,
				{
					advice: 'The next poll tries again. Report it to the vendor if it comes back.',
				},
			);
		}
		const ends = records.flatMap((record) => readTime(record.stopped_at) ?? []);
		const lastEndMs = ends.length > 0 ? ends[ends.length - 1] : (token?.lastEndMs ?? null);
		const following = { query, lastEndMs, emptyPages, restarts };
		issued.add(JSON.stringify(following));
		return { records, next: following };
	};
}

function readResumeToken(token: Json): ResumeToken | undefined {
	const isSound =
		isObject(token) &&
		isObject(token.query) &&
		Object.values(token.query).every((value) => typeof value === 'string') &&
		(token.lastEndMs === null || Number.isFinite(token.lastEndMs)) &&
		[token.emptyPages, token.restarts].every(Number.isSafeInteger);
	return isSound ? (token as unknown as ResumeToken) : undefined;
}
