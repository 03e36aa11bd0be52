using OpenCharly.Foundation;

namespace OpenCharly.Vms;

/// <summary>The name of a charly machine: an entity of <c>charly.yml</c>, and perhaps one instance of it (vm.md §2.4).</summary>
/// <param name="Entity">Name of the entity.</param>
/// <param name="Instance">Name of the instance; null for the machine that bears the entity's own name.</param>
public sealed record VmName(string Entity, string? Instance = null)
{
    /// <summary>Machine id: name of the registry record, of the state folder, of the QEMU guest and of the ssh alias.</summary>
    public string Id => Instance is null ? $"charly-{Entity}" : $"charly-{Entity}-{Instance}";

    /// <summary>Deploy key, such as <c>vm:web</c> or <c>vm:web/blue</c>.</summary>
    public string Key => "vm:" + this;

    /// <summary>The name as people write it: <c>web</c> or <c>web/blue</c>.</summary>
    public override string ToString() => Instance is null ? Entity : $"{Entity}/{Instance}";

    /// <summary>Reads <c>web</c>, <c>web/blue</c>, or either with <c>vm:</c> before it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/> for anything that could not be a machine's name.</exception>
    public static VmName Parse(string text)
    {
        var plain = text.StartsWith("vm:", StringComparison.Ordinal) ? text[3..] : text;
        var slash = plain.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? Create(plain, null) : Create(plain[..slash], plain[(slash + 1)..]);
    }

    /// <summary>As <see cref="Parse"/>, with null for anything that could not be a machine's name.</summary>
    public static VmName? ParseOrNull(string text)
    {
        var parts = (text.StartsWith("vm:", StringComparison.Ordinal) ? text[3..] : text).Split('/', 2);
        return Array.TrueForAll(parts, Names.IsVm) ? new VmName(parts[0], parts.ElementAtOrDefault(1)) : null;
    }

    /// <summary>Checks both parts.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>.</exception>
    public static VmName Create(string entity, string? instance)
    {
        Check(entity, "machine");
        if (instance is not null) Check(instance, "instance");
        return new VmName(entity, instance);
    }

    /// <summary>The name that a registry record stands for.</summary>
    public static VmName Of(VmHandle handle)
    {
        var plain = handle.Name.StartsWith("charly-", StringComparison.Ordinal) ? handle.Name["charly-".Length..] : handle.Name;
        var tail = "-" + handle.Instance;
        return handle.Instance is { } instance && plain.EndsWith(tail, StringComparison.Ordinal)
            ? new VmName(plain[..^tail.Length], instance)
            : new VmName(plain);
    }

    private static void Check(string part, string what)
    {
        if (Names.IsVm(part)) return;
        throw new CharlyException(
            Errors.BadName,
            $"\"{part}\" can't name a virtual {what}",
            "Use up to 63 letters, digits, dashes and underscores, beginning with a letter or digit; \"-eph-\" is reserved.",
            target: part);
    }
}
