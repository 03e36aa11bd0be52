param([Parameter(Mandatory)] [string] $Module)

Describe 'Deployments' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $folders = New-TestHome (Join-Path $TestDrive 'home')
        $old = Use-TestHome $folders
        $state = Join-Path $folders.XDG_CONFIG_HOME 'charly/charly.yml'
        $project = Join-Path $TestDrive 'project'
        New-TestProject $project
        Push-Location $project
        Set-Content one.yml "deploy:`n  laptop: {target: local, add_candy: [editor]}`n  notes: {box: notes}`n"
        Set-Content two.yml "deploy:`n  notes: {dns: notes.example.org}`n"
    }

    AfterAll {
        Pop-Location
        Reset-TestHome $old
    }

    It 'are imported from several files, and only checked with -WhatIf' {
        Import-CharlyDeployment one.yml, two.yml -WhatIf | Should -BeNullOrEmpty
        $state | Should -Not -Exist
        $imported = Import-CharlyDeployment one.yml, two.yml
        $imported | Should -BeOfType OpenCharly.Model.Deployment
        $imported.Key | Should -Be 'laptop', 'notes'
        Get-Content $state -Raw | Should -Match 'dns: notes.example.org'
    }

    It 'are shown as a table of 120 columns and as a list' {
        ($imported = Import-CharlyDeployment one.yml) | Format-Table | Out-String -Width 120 | Should -Match 'laptop +local'
        $imported | Format-List | Out-String | Should -Match 'Disposable'
    }

    It 'are exported by pipeline, to a file that is imported again' {
        Get-CharlyBundle laptop -NoProbe | Export-CharlyDeployment -Path out.yml
        Get-Content out.yml -Raw | Should -Match 'laptop:'
        Get-Content out.yml -Raw | Should -Not -Match 'notes:'
        (Export-CharlyDeployment -Path all.yml -PassThru).Key | Should -Be 'laptop', 'notes'
        Export-CharlyDeployment -Path out.yml -NoClobber -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'file.exists*'
    }

    It 'are found by the completer' {
        (TabExpansion2 'Reset-CharlyDeployment lap' 26).CompletionMatches.CompletionText | Should -Contain 'laptop'
    }

    It 'have a state, whatever their target' {
        $row = Get-CharlyStatus laptop
        $row | Should -BeOfType OpenCharly.Operations.DeploymentState
        "$($row.Kind) $($row.Status)" | Should -Be 'local not configured'
        $row | Format-Table | Out-String -Width 120 | Should -Match 'local +laptop +not configured'
        $row | Format-List | Out-String | Should -Match 'RunMode +: host'
        Get-CharlyStatus nobody -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'pod.not_found*'
    }

    It 'that are short-lived go when their time is over' {
        $life = '{id: 0a1b2c, instance_name: try-eph-0a1b2c, ttl_deadline: "2020-01-01T00:00:00Z", status: ready}'
        (Get-Content $state -Raw) -replace 'deploy:\r?\n', "deploy:`n  try: {target: local, vm_state: {ephemeral: $life}}`n" | Set-Content $state -NoNewline
        (Clear-CharlyOrphan -DryRun).Reason | Should -Be 'expired'
        Clear-CharlyOrphan -WhatIf | Should -BeNullOrEmpty
        $gone = Clear-CharlyOrphan
        $gone | Should -BeOfType OpenCharly.Operations.ReapedOrphan
        $gone | Format-Table | Out-String -Width 120 | Should -Match 'try +try-eph-0a1b2c +expired'
        $gone.Failure | Should -BeNullOrEmpty
        Clear-CharlyOrphan | Should -BeNullOrEmpty
    }

    It 'to pods may have a password on their VNC server' {
        Set-CharlyVncPassword notes -Generate -WhatIf | Should -BeNullOrEmpty
        Set-CharlyVncPassword notes -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems | Should -Not -BeNullOrEmpty
    }

    It 'are forgotten one by one, and the file goes with the last' {
        (Reset-CharlyDeployment laptop -Confirm:$false -PassThru).Key | Should -Be 'laptop'
        Reset-CharlyDeployment -All -WhatIf
        $state | Should -Exist
        Reset-CharlyDeployment -All -Confirm:$false | Should -BeNullOrEmpty
        $state | Should -Not -Exist
    }

    It 'that are broken are an error with code and place, and nothing is written' {
        Set-Content bad.yml "deploy:`n  a: {target: host}`n"
        Import-CharlyDeployment bad.yml -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'CFG003*'
        $problems[0].Exception.Position.Line | Should -Be 2
        $state | Should -Not -Exist
    }

    It 'that can not be updated say so, and -WhatIf updates nothing' {
        Update-CharlyBundle vm:web -WhatIf | Should -BeNullOrEmpty
        Update-CharlyBundle nope -Confirm:$false -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'CFG015*'
    }
}
