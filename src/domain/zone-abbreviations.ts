/** Abbreviations that mean one offset everywhere, in minutes east of UTC; some of them stand below, too. */
export const abbreviations: Record<string, number> = {
  ...{ UTC: 0, GMT: 0, UCT: 0, Z: 0, ZULU: 0, WET: 0, WEST: 60, CET: 60, MEZ: 60, MET: 60, CEST: 120, MESZ: 120 },
  ...{ MEST: 120, EET: 120, EEST: 180, MSK: 180, TRT: 180, GST: 240, PKT: 300, WIB: 420, ICT: 420, HKT: 480 },
  ...{ SGT: 480, AWST: 480, JST: 540, KST: 540, ACST: 570, ACDT: 630, AEST: 600, AEDT: 660, NZST: 720, NZDT: 780 },
  ...{ SAST: 120, CAT: 120, EAT: 180, WAT: 60, BRT: -180, ART: -180, CLT: -240, NST: -210, NDT: -150, HST: -600 },
  ...{ AKST: -540, AKDT: -480, PST: -480, PDT: -420, MDT: -360, CDT: -300, EST: -300, EDT: -240, ADT: -180 },
};

/** Abbreviations that mean several offsets: that of the clock they belong to is taken, if it is among them. */
export const ambiguousAbbreviations: Record<string, readonly number[]> = {
  ...{ CST: [-360, 480], IST: [330, 60, 120], BST: [60, 360], AST: [-240, 180], MST: [-420, 480] },
  ...{ ECT: [60, -300], AMT: [-240, 240], SST: [-660, 480], PST: [-480, 480], WST: [480, 780] },
  ...{ EST: [-300, 600], EDT: [-240, 660] },
};
