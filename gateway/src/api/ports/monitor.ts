/** What the monitor says of itself. Memory only. */
export interface JudgementPort {
  status(): {
    readonly state: 'ready' | 'degraded';
    readonly reason: string;
    /** Paths whose devices are not judged now. */
    readonly paths: readonly {
      readonly path: string;
      readonly state: 'frozen' | 'blind';
      readonly reasons: readonly string[];
      readonly since: number;
      readonly until: number | null;
    }[];
  };
}
