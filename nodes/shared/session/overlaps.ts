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
 * Adds the code `overlapping` to the `warnings` of sessions that cannot both be right: two of one connector at the same time, or two
 * in a row that counted the same kWh of its meter. A session that runs gets it where a later one has begun. Rows of one session
 * are not compared with each other, and neither are rows whose connector or time is unknown.
 *
 * @param rows Of a page of a list, or of all items, in any order. They are changed.
 */
export function markOverlaps(rows: SessionRow[]): void {
	const byConnector = new Map<string, SessionRow[]>();
	for (const row of rows) {
		const connector = connectorOf(row);
		if (connector === undefined) continue;
		const own = byConnector.get(connector);
		if (own) own.push(row);
		else byConnector.set(connector, [row]);
	}
	for (const own of byConnector.values()) if (own.length > 1) markAmong(own);
}

/** @param rows Of one connector. */
function markAmong(rows: SessionRow[]): void {
	const spans = new Map<unknown, Span>();
	for (const row of rows) {
		const key = row.sessionKey ?? row;
		const span = spanOf(row);
		const known = spans.get(key);
		if (known && span) span.rows.push(...known.rows);
		if (span) spans.set(key, span);
	}
	const sorted = [...spans.values()].sort((one, other) => one.startMs - other.startMs);
	let latestMs = -Infinity;
	sorted.forEach((span, index) => {
		const next = sorted.at(index + 1);
		if (span.startMs < latestMs - TIME_MARGIN_MS) mark(span);
		latestMs = Math.max(latestMs, span.endMs ?? -Infinity);
		if (next === undefined) return;
		if (next.startMs < (span.endMs ?? Infinity) - TIME_MARGIN_MS) mark(span);
		if (sharesMeter(span, next)) [span, next].forEach(mark);
	});
}

function connectorOf({ source, evseId, chargerId, connectorId }: SessionRow): string | undefined {
	if (evseId !== null) return `${source} ${evseId}`;
	return chargerId === null || connectorId === null ? undefined : `${source} ${chargerId} ${connectorId}`;
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
	for (const row of rows) {
		const codes = String(row.warnings ?? '')
			.split(';')
			.filter((code) => code !== '' && code !== 'overlapping');
		row.warnings = [...codes, 'overlapping'].sort().join(';');
	}
}
