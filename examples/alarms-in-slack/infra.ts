import { prefix } from "../../infra/names.ts";
import { topic } from "../../infra/topic.ts";

// Sends alarms to a Slack channel, through Amazon Q Developer in chat applications (AWS Chatbot). First, authorize it in
// Slack, once per account, in its console: https://console.aws.amazon.com/chatbot

// The workspace's id is in that console; the channel's is at the end of its link. To a private channel, invite @Amazon Q.
const WORKSPACE = "T01234567";
const CHANNEL = "C0123456789";

// The channel only gets alarms: without a guardrail, its members could use every right of the role.
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
