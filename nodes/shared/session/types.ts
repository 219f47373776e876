/** User settings for values that records leave out. */
export interface RowSettings {
	/** ISO 4217 code for records without a currency. */
	currency?: string;
	/** Rate in percent for records that have only the amount with VAT or only the one without. */
	vatRatePct?: number;
	/** Whether amounts include VAT where the record does not tell. */
	pricesIncludeVat: boolean;
	/** IANA name for records without the time zone of their location. */
	timezone: string;
	/** Whether the day and month of a row are those of the end or of the start. */
	billBy: 'end' | 'start';
	/** The present time in milliseconds since 1970, by the clock of the server or of the run. Without it, no time is in the future. */
	now?: () => number;
	/** Groups of optional columns, in this order. */
	groups: Group[];
	/** How the columns that identify the driver are written: as they are, masked, or hashed with a secret. */
	driver: 'plain' | 'masked' | { secret: string };
}

/** The groups of optional columns. */
export type Group = 'address' | 'change' | 'commercial' | 'driver' | 'origin' | 'vehicle';

export type Cell = string | number | boolean | null;

/** Cells by column name, in column order. `columns.ts` describes each column. */
export type SessionRow = Record<string, Cell>;
