import type { INodeProperties } from 'n8n-workflow';

import { notBoth } from '../shared/parameters/rules';
import { asIs, type WireExample } from '../shared/parameters/wireExamples';

/** The cursors of the v2 lists. They are parameters of Get Page; Get Many reads all pages. */
export const cursors: INodeProperties[] = [
	{
		displayName: 'Next Page Cursor',
		name: 'nextPageCursor',
		type: 'string',
		default: '',
		description: 'Where to continue: the nextPageCursor of an earlier page, with the same filters',
		routing: { send: { type: 'query', property: 'nextPageCursor' } },
	},
	{
		displayName: 'Previous Page Cursor',
		name: 'previousPageCursor',
		type: 'string',
		default: '',
		description:
			'Where to go back from: the previousPageCursor of an earlier page. Cannot be combined with Next Page Cursor.',
		routing: { send: { type: 'query', property: 'previousPageCursor' } },
	},
];

/** Names of the cursors. A list without a cursor begins at its first page. */
export const cursorNames = cursors.map(({ name }) => name);

/** The API refuses both cursors together. */
export const oneCursor = notBoth('nextPageCursor', 'previousPageCursor');

/** Wire examples of the cursors. The sandbox accepts `cursor`. */
export const cursorExamples = (cursor: string): Record<string, WireExample[]> => ({
	nextPageCursor: asIs('nextPageCursor', cursor),
	previousPageCursor: asIs('previousPageCursor', cursor),
});
