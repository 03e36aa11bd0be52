param([Parameter(Mandatory)] [string] $Module)

Describe 'Boxes' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $old = Use-TestHome (New-TestHome (Join-Path $TestDrive 'home'))
        $project = Join-Path $TestDrive 'project'
        New-TestProject $project
        foreach ($box in @{ base = 'name: base, base: "registry.example.org/debian:13", distro: [debian:13, debian], build: deb'; web = 'name: web, base: base, version: 2026.200.0001, candy: [editor]' }.GetEnumerator()) {
            $null = New-Item -ItemType Directory -Force (Join-Path $project "box/$($box.Key)")
            Set-Content (Join-Path $project "box/$($box.Key)/charly.yml") "box: {$($box.Value)}"
        }
        Add-Content (Join-Path $project 'charly.yml') "`nimport: [box/base, box/web]"
        Push-Location $project
    }

    AfterAll {
        Pop-Location
        Reset-TestHome $old
    }

    It 'are objects with everything that their images would say' {
        $web = Get-CharlyBox web
        $web | Should -BeOfType OpenCharly.Operations.BoxDetails
        $web.Candies | Should -Be 'editor'
        $web.Bases | Should -Be 'base'
        $web.Labels.Version | Should -Be '2026.200.0001'
        (Get-CharlyBox 'b*').Name | Should -Be 'base'
        (Get-CharlyBox).Name | Should -Be 'base', 'web'
        ($web | Out-String -Width 120) | Should -Match 'web +testing +2026.200.0001'
    }

    It 'that are not there are an error with a suggestion' {
        Get-CharlyBox wbe -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'REF002,*'
        $problem[0].ErrorDetails.RecommendedAction | Should -Be 'Did you mean "web"?'
    }

    It 'become Containerfiles, or only look like them' {
        $boxes = Get-CharlyBox web | Export-CharlyBox -Tag 2026.200.0915 -DryRun
        $boxes.Name | Should -Be 'base', 'web'
        $boxes[1].Text | Should -Match 'ARG BASE_IMAGE=localhost/base:2026.200.0915'
        Export-CharlyBox web -WhatIf
        Test-Path .build | Should -BeFalse
        (Export-CharlyBox web -Tag 2026.200.0915)[1].Path | Should -Exist
        Get-Content (Join-Path $project '.build/web/Containerfile') -Raw | Should -Be $boxes[1].Text
    }

    It 'are built and fetched only when it is meant' {
        Build-CharlyBox web -WhatIf
        Save-CharlyBox registry.example.org/team/web:1 -WhatIf
        Build-CharlyBox base -Push -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'usage,*'
    }

    It 'that are disabled count only when it is meant' {
        $null = New-Item -ItemType Directory -Force (Join-Path $project 'box/old')
        Set-Content (Join-Path $project 'box/old/charly.yml') 'box: {name: old, enabled: false, base: "registry.example.org/debian:13", distro: [debian:13, debian], build: deb}'
        $before = Get-Content charly.yml -Raw
        Set-Content charly.yml $before.Replace('box/web]', 'box/web, box/old]')
        (Export-CharlyBox -DryRun).Name | Should -Not -Contain 'old'
        (Export-CharlyBox -DryRun -IncludeDisabled).Name | Should -Contain 'old'
        Set-Content charly.yml $before
        Remove-Item -Recurse (Join-Path $project 'box/old')
    }

    It 'are deployed alone only if their image is here, and only when it is meant' {
        New-CharlyDeployment registry.example.org/team/web:1 -WhatIf
        New-CharlyDeployment registry.example.org/team/web:1 -Namespace shop -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'usage,*'
        $problem[0].ErrorDetails.RecommendedAction | Should -Match '--cluster'
        (Get-Command New-CharlyDeployment).OutputType.Name | Should -Be 'OpenCharly.Targets.DeployResult'
    }

    It 'complete by name' {
        (TabExpansion2 'New-CharlyDeployment w').CompletionMatches.CompletionText | Should -Be 'web'

        (TabExpansion2 'Get-CharlyBox w').CompletionMatches.CompletionText | Should -Be 'web'
    }
}
