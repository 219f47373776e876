/** Which data the vendors' servers generate. */
export interface DataOptions {
	/** Chooses the data; the same seed gives the same data. */
	seed: number;
	/** Spirii's sessions, 0 to 1,000,000. */
	records: number;
	/** Volt Time's sessions of each charger, up to 1,000,000. */
	transactionsPerCharger: number;
	/** Volt Time's sessions of the first charger of the first team, if that number differs. */
	firstChargerTransactions: number | undefined;
	/** Chargers of Volt Time's first team, 1 to 9,000; 32 without it. */
	firstTeamChargers?: number;
	/** Milliseconds since 1970: no record is newer than this moment. */
	now: number;
	/** The data set contains exactly the examples of the vendors' documentation. */
	documented: boolean;
	/** Every session of Spirii is in every list that is read without parameters, so lists have exactly `records`. */
	plain: boolean;
}
