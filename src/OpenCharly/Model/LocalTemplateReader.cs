using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads <c>local:</c> templates (deploy.md §7.3).</summary>
public static class LocalTemplateReader
{
    /// <summary>Reads one template.</summary>
    /// <param name="map">Its body.</param>
    /// <param name="name">Its name.</param>
    /// <param name="problems">Problems and warnings are added here.</param>
    public static LocalTemplate Read(YamlMapping map, string name, ICollection<Problem> problems)
    {
        var body = new YamlBinder(map, $"local \"{name}\"", problems);
        ReportRetired(body, name);
        body.Accept("name", "version", "ephemeral");
        if (!body.Has("candy")) body.Report(Errors.CfgLocalCandy, "\"candy\" is missing", "List the candies; candy: [] if there are none.", map.Position);
        else if (body.Items("candy").Count == 0) body.Report(Errors.CfgLocalCandy, "\"candy\" is empty", "List the candies.", body.At("candy"), isWarning: true);
        var candies = DeploymentReader.Sourced(body, "candy");
        var read = new LocalTemplate
        {
            Name = name,
            Position = map.Position,
            Candies = [.. candies.Select(c => c.Text)],
            References = candies,
            Options = DeploymentReader.Options(body),
            Environment = DeploymentReader.Environment(body),
            Description = body.Node("description") switch
            {
                YamlScalar scalar => scalar.Text,
                YamlMapping { } description => (description["feature"] as YamlScalar)?.Text,
                _ => null,
            },
            Checks = CheckReader.List(body, scope: "deploy"),
        };
        body.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        return read;
    }

    /// <summary>Reports a retired name and retired keys.</summary>
    internal static void ReportRetired(YamlBinder body, string name)
    {
        if (name == "cachyos-dx") body.Report(Errors.CfgLegacy, "this name is retired", "Run: charly migrate", body.Mapping.Position);
        LegacyKeys.Report(body, "image", "box of a deploy entry");
        LegacyKeys.Report(body, "images", "box of a deploy entry");
    }
}
