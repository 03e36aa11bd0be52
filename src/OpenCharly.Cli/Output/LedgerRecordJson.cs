using System.Text.Json;
using OpenCharly.Ledger;
using OpenCharly.Plans;

namespace OpenCharly.Cli.Output;

/// <summary>A ledger as JSON, with the keys of its own files (candy-and-plan.md §7.2, §7.3).</summary>
internal static class LedgerRecordJson
{
    public static void Write(Utf8JsonWriter json, LedgerRecord ledger)
    {
        json.WriteStartObject();
        json.WriteString("target", ledger.Target);
        json.Objects("deploys", ledger.Deploys, WriteDeploy);
        json.Objects("candies", ledger.Candies, WriteCandy);
        if (ledger.UnfinishedRun is { } cut)
        {
            json.WriteStartObject("unfinished_run");
            json.WriteString("run_id", cut.RunId);
            json.WriteString("name", cut.DeployName);
            json.WriteString("verb", cut.Verb);
            json.Time("started_at", cut.StartedAt);
            json.WriteNumber("finished_steps", cut.FinishedSteps);
            json.Texts("open_steps", cut.OpenSteps);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteDeploy(Utf8JsonWriter json, DeployRecord deploy)
    {
        json.WriteStartObject();
        json.WriteString("schema_version", deploy.SchemaVersion);
        json.WriteString("deploy_id", deploy.DeployId);
        json.Text("name", deploy.Name);
        json.WriteString("image", deploy.Image);
        json.Text("tag", deploy.Tag);
        json.WriteString("target", deploy.Target);
        json.Texts("candy", deploy.Candy);
        json.Texts("add_candy", deploy.AddCandy);
        json.Text("overlay", deploy.Overlay);
        json.Time("deployed_at", deploy.DeployedAt);
        json.WriteEndObject();
    }

    private static void WriteCandy(Utf8JsonWriter json, CandyRecord candy)
    {
        json.WriteStartObject();
        json.WriteString("schema_version", candy.SchemaVersion);
        json.WriteString("candy", candy.Candy);
        json.Text("version", candy.Version);
        json.Texts("deployed_by", candy.DeployedBy);
        json.Time("deployed_at", candy.DeployedAt);
        json.Text("builder_image", candy.BuilderImage);
        json.Objects("steps", candy.Steps, WriteStep);
        json.Objects("reverse_ops", candy.ReverseOps, WriteOperation);
        json.WriteEndObject();
    }

    private static void WriteStep(Utf8JsonWriter json, RecordedStep step)
    {
        json.WriteStartObject();
        json.WriteString("kind", step.Kind.ToString());
        json.WriteString("scope", StepNames.Of(step.Scope));
        json.WriteString("venue", StepNames.Of(step.Venue));
        json.Text("summary", step.Summary);
        json.Time("completed_at", step.CompletedAt);
        json.Map("extra", step.Extra);
        json.WriteEndObject();
    }

    private static void WriteOperation(Utf8JsonWriter json, ReverseOp operation)
    {
        json.WriteStartObject();
        json.WriteString("kind", operation.Kind);
        json.Text("format", operation.Format);
        json.Texts("targets", operation.Targets);
        json.WriteString("scope", StepNames.Of(operation.Scope));
        json.Map("extra", operation.Extra);
        json.Text("uninstall_cmd", operation.UninstallCommand);
        json.WriteEndObject();
    }
}
