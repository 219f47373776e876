/** What the records leave open, as the user has set it. */
export interface RowSettings {
	/** ISO 4217, where a record names no currency. */
	currency?: string;
	/** Percent, where a record has an amount with or without VAT only. */
	vatRatePct?: number;
	/** Whether amounts of which that isn't known are with VAT. */
	pricesIncludeVat: boolean;
	/** IANA name, where a record doesn't name its location's. */
	timezone: string;
	/** Whose day and month count. */
	billBy: 'end' | 'start';
	/** Columns beside those that every row has, in this order. */
	groups: Group[];
	/** What becomes of what tells who the driver is. */
	driver: 'plain' | 'masked' | { secret: string };
}

/** The groups of columns that a user can add. */
export type Group = 'address' | 'change' | 'commercial' | 'driver' | 'vehicle';

export type Cell = string | number | boolean | null;

/** By the names of the columns, in their order; `columns.ts` says what each one means. */
export type SessionRow = Record<string, Cell>;
