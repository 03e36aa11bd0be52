using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>Adds a scenario to the description of a candy.</summary>
/// <param name="context">What it works with.</param>
public sealed class AddScenario(CharlyContext context)
{
    /// <summary>Adds a scenario with one step for each expectation.</summary>
    /// <param name="candy">Name of the candy.</param>
    /// <param name="scenario">Name of the scenario.</param>
    /// <param name="expectations">What must be so, in words; at least one.</param>
    /// <param name="dryRun">Only says what the file would hold.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException">There is no such candy, or it has a scenario of that name. The file is then as it was.</exception>
    public Task<EntityEdit> RunAsync(string candy, string scenario, IReadOnlyList<string> expectations, bool dryRun = false, CancellationToken cancellationToken = default) =>
        new EntityEditing(context).RunAsync("candy", candy, (editor, place) =>
        {
            var list = ((place.Body(editor.Text)["description"] as YamlMapping)?["scenario"] as YamlSequence)?.Items ?? [];
            if (list.Any(s => (s as YamlMapping)?["name"] is YamlScalar name && name.Text == scenario))
            {
                throw new CharlyException(Errors.CfgDuplicate, $"candy \"{candy}\" has a scenario \"{scenario}\"", "Choose another name.", target: candy);
            }

            var steps = expectations.Select((text, i) => YamlValue.Map((i == 0 ? "then" : "and", YamlValue.Text(text))));
            var added = YamlValue.Map(("name", YamlValue.Text(scenario)), ("step", YamlValue.List(steps)));
            editor.Set([.. place.Path, "description", "scenario"], YamlValue.List([.. list.Select(YamlValue.From), added]));
        }, dryRun, cancellationToken);
}
