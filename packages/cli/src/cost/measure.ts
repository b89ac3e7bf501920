import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { serviceOf } from "../deployment/service.ts";
import type { Target } from "../deployment/target.ts";
import { withActions } from "../terminal/advice.ts";

const MONTH = 30 * 24 * 60 * 60;

/** The average time per image over the last month; undefined if no thumbnails were made. */
export async function measure(target: Target): Promise<{ milliseconds: number; images: number } | undefined> {
  const { deployed } = target;
  if (!deployed) return undefined;
  const { name } = await serviceOf(target, deployed);
  const cloudwatch = withActions(new CloudWatchClient(target.access));
  const sum = async (Namespace: string, MetricName: string, Name: string, Value: string) => {
    const EndTime = new Date();
    const { Datapoints = [] } = await cloudwatch.send(
      new GetMetricStatisticsCommand({
        ...{ Namespace, MetricName, Dimensions: [{ Name, Value }], Statistics: ["Sum"], Period: MONTH },
        ...{ StartTime: new Date(EndTime.getTime() - MONTH * 1_000), EndTime },
      }),
    );
    return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
  };
  try {
    const [duration, images] = await Promise.all([
      sum("AWS/Lambda", "Duration", "FunctionName", deployed.functionName),
      sum("Thumbsmith", "Made", "service", name),
    ]);
    return images > 0 ? { milliseconds: Math.round(duration / images), images } : undefined;
  } finally {
    cloudwatch.destroy();
  }
}
