using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>Keeps many secrets at once, such as an export has them.</summary>
/// <param name="context">What it works with.</param>
public sealed class ImportSecrets(CharlyContext context)
{
    /// <summary>Keeps every value of a text; those of the same name are replaced.</summary>
    /// <param name="text">YAML or JSON: services, their items, their values.</param>
    /// <param name="file">Where the text is from, for messages.</param>
    /// <param name="dryRun">Only says what would be kept; <c>Source</c> is then where one of that name is now, or <c>Default</c>.</param>
    /// <param name="cancellationToken">Gives up; what was kept stays.</param>
    /// <returns>Names, and where they are kept.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.YamlType"/> for text of another shape, and nothing was changed; <see cref="Errors.SecretStore"/>.</exception>
    public async Task<IReadOnlyList<CredentialName>> RunAsync(string text, string file, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        var items = Read(text, file);
        var names = new List<CredentialName>();
        if (dryRun)
        {
            var now = new GetSecrets(context).List().ToDictionary(n => n.Name, n => n.Source, StringComparer.Ordinal);
            foreach (var (address, _) in items) names.Add(new CredentialName(address, now.GetValueOrDefault($"{address.Service}/{address.Item}", CredentialSource.Default)));
            return names;
        }

        var keeper = new SetSecret(context);
        foreach (var (address, value) in items) names.Add(await keeper.KeepAsync(address, value, cancellationToken).ConfigureAwait(false));
        if (names.Any(n => n.Source == CredentialSource.Config)) keeper.WarnOfPlainText();
        return names;
    }

    private static List<(CredentialAddress Address, string Value)> Read(string text, string file)
    {
        var items = new List<(CredentialAddress, string)>();
        if (YamlReader.Read(text, file) is not [YamlMapping root, ..]) throw Wrong($"{file} holds no secrets", null);
        foreach (var service in root.Entries)
        {
            if (service.Value is not YamlMapping mapping) throw Wrong($"{service.Key.Text} holds no items", service.Key.Position);
            foreach (var item in mapping.Entries)
            {
                // Only the name is told: what stands there may be a secret all the same.
                if (item.Value is not YamlScalar { IsNull: false, Text.Length: > 0 } value) throw Wrong($"{service.Key.Text}/{item.Key.Text} has no value", item.Key.Position);
                items.Add((CredentialAddress.Of(service.Key.Text, item.Key.Text), value.Text));
            }
        }

        return items;
    }

    private static CharlyException Wrong(string message, SourcePosition? position) =>
        new(Errors.YamlType, message, "Write SERVICE: {ITEM: VALUE}, as charly secrets export does.", position);
}
