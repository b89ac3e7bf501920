import { prefix } from "../../infra/names.ts";
import { topic } from "../../infra/topic.ts";

// Alarms in a Slack channel, by Amazon Q Developer in chat applications (AWS Chatbot). Authorize it in Slack first, once
// for an account, in its console: https://console.aws.amazon.com/chatbot

// The id of the workspace is in that console; the channel's is at the end of its link. A private channel has to invite @Amazon Q.
const WORKSPACE = "T01234567";
const CHANNEL = "C0123456789";

// The channel is told of alarms and can do nothing else: without a guardrail its members could use every right of the role.
const role = new aws.iam.Role("AlarmsInSlackRole", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "chatbot.amazonaws.com" }),
});

new aws.chatbot.SlackChannelConfiguration("AlarmsInSlack", {
  configurationName: $interpolate`${prefix}-alarms`,
  slackTeamId: WORKSPACE,
  slackChannelId: CHANNEL,
  snsTopicArns: [topic.arn],
  iamRoleArn: role.arn,
  guardrailPolicyArns: ["arn:aws:iam::aws:policy/AWSDenyAll"],
});
