import { readIsoUtc } from '../parameters/dates';
import type { SessionRow } from './types';

/** Sessions may overlap by this much, since their times can be rounded to minutes. */
const TIME_MARGIN_MS = 60_000;

/** Meters may overlap by this much. */
const METER_MARGIN_KWH = 0.05;

/** One session, with all of its rows. */
interface Span {
	startMs: number;
	/** `undefined` while it runs. */
	endMs: number | undefined;
	meterStartKwh: number;
	meterStopKwh: number;
	rows: SessionRow[];
}

/**
 * Creates a {@link markOverlaps} for a list that comes in pages: the rows of a page are compared with each other, and with the first
 * and the last sessions of each connector on the pages before. Rows of an earlier page are not changed any more.
 *
 * @returns A function that returns the keys of the sessions of earlier pages that overlap, and do not have the code.
 * @example
 * const mark = overlapMarker();
 * for await (const rows of pages) for (const key of mark(rows)) missed.add(key);
 */
export function overlapMarker(): (rows: SessionRow[]) => string[] {
	let known: SessionRow[] = [];
	return (rows) => {
		const unmarked = known.filter(({ warnings }) => warnings === null);
		const edges = markOverlaps([...known, ...rows]);
		const copies = new Set(known);
		known = edges.map((row) => (copies.has(row) ? row : comparedPartOf(row)));
		return unmarked.filter((row) => row.warnings !== null).map(({ sessionKey }) => String(sessionKey));
	};
}

/** What a session is compared by: a small copy, since a list can have many connectors. Of its codes only this one. */
function comparedPartOf(row: SessionRow): SessionRow {
	const { source, evseId, chargerId, chargerUuid, connectorId, sessionKey, status } = row;
	const { startedAt, endedAt, meterStartKwh, meterStopKwh } = row;
	return {
		...{ source, evseId, chargerId, chargerUuid, connectorId, sessionKey, status },
		...{ startedAt, endedAt, meterStartKwh, meterStopKwh },
		warnings: codesIn(row).includes('overlapping') ? 'overlapping' : null,
	};
}

/**
 * Adds the code `overlapping` to the `warnings` of sessions that cannot both be right: two of one connector at the same time, or two
 * that counted the same kWh of its meter. A session that runs gets it where a later one has begun. Rows of one session are not
 * compared with each other, and neither are rows whose time is unknown. Where the connector is unknown the charger counts, unless
 * other rows name several connectors of it.
 *
 * @param rows Of a list, in any order. They are changed.
 * @returns The rows that tell most of each connector: the first, the last to end, and the one with the highest meter.
 */
export function markOverlaps(rows: SessionRow[]): SessionRow[] {
	const byConnector = new Map<string, SessionRow[]>();
	const add = (connector: string, row: SessionRow) => {
		const own = byConnector.get(connector);
		if (own) own.push(row);
		else byConnector.set(connector, [row]);
	};
	const unknown: SessionRow[] = [];
	for (const row of rows) {
		const connector = connectorOf(row);
		if (connector !== undefined) add(connector, row);
		else if (chargerOf(row) !== undefined) unknown.push(row);
	}
	if (unknown.length > 0) {
		const connectors = onlyConnectors(rows);
		for (const row of unknown) {
			const charger = chargerOf(row)!;
			const connector = connectors.get(charger);
			if (connector !== null) add(connector ?? charger, row);
		}
	}
	return [...byConnector.values()].flatMap((own) => (own.length > 1 ? markAmong(own) : own));
}

/** The only connector of each charger that rows name one of; null where they name several. */
function onlyConnectors(rows: SessionRow[]): Map<string, string | null> {
	const connectors = new Map<string, string | null>();
	for (const row of rows) {
		const [charger, connector] = [chargerOf(row), connectorOf(row)];
		if (charger === undefined || connector === undefined) continue;
		const known = connectors.get(charger);
		connectors.set(charger, known === undefined || known === connector ? connector : null);
	}
	return connectors;
}

/** Marks the rows of one connector, and returns those that tell most of it. */
function markAmong(rows: SessionRow[]): SessionRow[] {
	const spans = new Map<unknown, Span>();
	for (const row of rows) {
		const key = row.sessionKey ?? row;
		const span = spanOf(row);
		const known = spans.get(key);
		if (known && span) {
			known.rows.push(row);
			span.rows = known.rows;
		}
		if (span) spans.set(key, span);
	}
	const sorted = [...spans.values()].sort((one, other) => one.startMs - other.startMs);
	let latestMs = -Infinity;
	let last = sorted.at(0);
	// The session that the meter showed most after, since it last began anew.
	let highest: Span | undefined;
	sorted.forEach((span, index) => {
		const next = sorted.at(index + 1);
		if (!Number.isNaN(span.meterStartKwh)) {
			if (highest && sharesMeter(highest, span)) [highest, span].forEach(mark);
			const isAnew = !highest || span.meterStopKwh < highest.meterStartKwh;
			if (isAnew || span.meterStopKwh >= highest!.meterStopKwh) highest = span;
		}
		if (span.startMs < latestMs - TIME_MARGIN_MS) mark(span);
		if ((span.endMs ?? -Infinity) > latestMs) [latestMs, last] = [span.endMs!, span];
		if (next === undefined) return;
		if (next.startMs < (span.endMs ?? Infinity) - TIME_MARGIN_MS) mark(span);
	});
	const running = sorted.filter(({ endMs }) => endMs === undefined);
	const edges = new Set([sorted.at(0), last, highest, running.at(-1)]);
	return [...edges].flatMap((span) => (span ? [span.rows[0]] : []));
}

function connectorOf({ source, evseId, chargerId, connectorId }: SessionRow): string | undefined {
	if (evseId !== null) return `${source} ${evseId}`;
	return chargerId === null || connectorId === null ? undefined : `${source} ${chargerId} ${connectorId}`;
}

function chargerOf({ source, chargerId, chargerUuid }: SessionRow): string | undefined {
	const id = chargerId ?? chargerUuid ?? null;
	return id === null ? undefined : `${source} ${id}`;
}

function spanOf(row: SessionRow): Span | undefined {
	const { status, meterStartKwh, meterStopKwh } = row;
	const startMs = readIsoUtc(String(row.startedAt));
	const isRunning = status === 'ongoing';
	const endMs = isRunning ? undefined : readIsoUtc(String(row.endedAt));
	if (startMs === undefined || (!isRunning && !(endMs! >= startMs))) return undefined;
	const isMeter = typeof meterStartKwh === 'number' && typeof meterStopKwh === 'number' && meterStartKwh > 0;
	return {
		startMs,
		endMs,
		// A meter that begins at zero may begin there for each session.
		meterStartKwh: isMeter ? meterStartKwh : NaN,
		meterStopKwh: isMeter ? meterStopKwh : NaN,
		rows: [row],
	};
}

function sharesMeter(one: Span, other: Span): boolean {
	const from = Math.max(one.meterStartKwh, other.meterStartKwh);
	return Math.min(one.meterStopKwh, other.meterStopKwh) - from > METER_MARGIN_KWH;
}

function mark({ rows }: Span): void {
	for (const row of rows) row.warnings = [...new Set([...codesIn(row), 'overlapping'])].sort().join(';');
}

function codesIn({ warnings }: SessionRow): string[] {
	return String(warnings ?? '')
		.split(';')
		.filter((code) => code !== '');
}
